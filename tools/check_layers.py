#!/usr/bin/env python3
"""Checks that includes follow src/LAYERS; prints each one that does not and exits with 1."""
import pathlib
import re
import sys

SRC = pathlib.Path(__file__).resolve().parent.parent / "src"


def read_layers():
    layers = {}
    for line in (SRC / "LAYERS").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            name, _, allowed = line.partition(":")
            layers[name.strip()] = allowed.split()
    return layers


def layer_of(path, layers):
    matches = [name for name in layers if path == name or path.startswith(name + "/")]
    return max(matches, key=len, default=None)


def may_include(layer, target, layers):
    # A layer may include itself, what is named, and for a nested layer its own subfolders.
    return target == layer or any(target == name or target.startswith(name + "/")
                                  for name in [layer, *layers[layer]])


def main():
    layers = read_layers()
    faults = []
    for file in sorted([*SRC.rglob("*.h"), *SRC.rglob("*.cc")]):
        folder = str(file.parent.relative_to(SRC))
        layer = layer_of(folder, layers)
        if layer is None:
            if folder != ".":
                faults.append(f"{file}: its folder stands in no line of src/LAYERS")
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = re.match(r'#include "([^"]+)/[^/"]+"', line)
            if not match or match[1].startswith("tests/"):
                continue
            target = layer_of(match[1], layers)
            if target is None or not may_include(layer, target, layers):
                faults.append(f"{file}:{number}: {layer} may not include {match[1]}")
    print("\n".join(faults) if faults else f"layers: {len(layers)} hold")
    return 1 if faults else 0


sys.exit(main())
