#!/usr/bin/env python3
"""House rules that a machine can check: line and file length, header comments, ASCII, and words
that belong in one place only. Prints each fault and exits with 1."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINE_MAX = 100
FILE_LINES_MAX = 400
TEST_LINES_MAX = 700

# A word and the files that may hold it: the one home of what it does.
HOMES = {
    r"system_clock::now": {"src/base/clock.cc"},
    r"steady_clock::now": {"src/base/clock.cc"},
    r"\bgetenv\b": set(),
    r"\benviron\b": {"src/main.cc"},
    r"std::exit\b": set(),
    r"\bsleep_for\b": set(),
    r"\bFIXME\b": set(),
    r"\bsystem\(": set(),
    r"\bpopen\(": set(),
    r"curl/curl\.h": {"src/net/curl_exchange.cc", "src/net/curl_exchange.h",
                      "src/net/curl_failure.cc", "src/net/curl_failure.h",
                      "src/net/curl_transport.cc"},
    r"pugixml\.hpp": {"src/aws/wire/xml.cc"},
    r"libpq-fe\.h": {"src/postgres/conn/connection.cc",
                      "src/postgres/conn/connection_text.cc", "src/postgres/conn/opening.cc",
                      "src/postgres/conn/certificate.cc", "src/postgres/conn/version.cc",
                      "src/postgres/copy/copy_in.cc", "src/postgres/copy/copy_out.cc"},
    r"openssl/(ssl|x509)\.h": {"src/postgres/conn/certificate.cc"},  # libpq's own connection
    r"openssl/(?!ssl\.h|x509\.h)": None,  # anywhere in src/crypto
    r"\bsodium\.h\b": None,
    r"date/tz\.h": {"src/schedule/time_zone.cc"},
}


def code_files():
    for folder in ("src", "tests", "bench"):
        for suffix in ("*.h", "*.cc"):
            yield from sorted((ROOT / folder).rglob(suffix))


def check(path):
    name = str(path.relative_to(ROOT))
    text = path.read_text()
    lines = text.splitlines()
    is_test = name.endswith("_test.cc") or name.startswith("tests/")
    most = TEST_LINES_MAX if is_test else FILE_LINES_MAX
    if len(lines) > most:
        yield f"{name}: {len(lines)} lines; the most is {most}"
    if name.endswith(".h") and not text.startswith("//"):
        yield f"{name}: a header opens with a comment that says what it is"
    if name.endswith(".h") and "#pragma once" not in text:
        yield f"{name}: no #pragma once"
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_MAX:
            yield f"{name}:{number}: {len(line)} columns; the most is {LINE_MAX}"
        if not line.isascii() and not is_test:
            yield f"{name}:{number}: not ASCII"
        if is_test:
            continue
        code = line.split("//")[0]
        for word, homes in HOMES.items():
            at_home = name.startswith("src/crypto/") if homes is None else name in homes
            if re.search(word, code) and not at_home:
                yield f"{name}:{number}: {word} has its one home elsewhere"


faults = [fault for path in code_files() for fault in check(path)]
print("\n".join(faults) if faults else "tidy: all files hold the house rules")
sys.exit(1 if faults else 0)
