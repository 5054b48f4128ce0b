#!/bin/bash
# Which lines of the decisions (src/core, src/schedule) and of the repository (src/repo) the unit
# tests run. Every line is covered, or docs/coverage-excuses.md says why not: fails when a line is
# neither.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset coverage >/dev/null
cmake --build --preset coverage -j "$(nproc)" --target core_test schedule_test \
  repo_test | tail -n 1
find build/coverage -name '*.gcda' -delete
build/coverage/core_test --gtest_brief=1
build/coverage/schedule_test --gtest_brief=1
build/coverage/repo_test --gtest_brief=1
report=$(mktemp)
trap 'rm -f "$report"' EXIT
gcovr --root . --filter 'src/(core|schedule|repo)/' --exclude '.*_test\.cc' --json "$report" \
  build/coverage 2>/dev/null
python3 - "$report" <<'PYTHON'
import json
import pathlib
import re
import sys

# A row of the table: the file, then pieces of the lines that are excused, each in backticks.
excuses = {}
for row in pathlib.Path("docs/coverage-excuses.md").read_text().splitlines():
    if not row.startswith("| `"):
        continue
    file, *pieces = re.findall(r"`([^`]+)`", row.split(" | ")[0])
    excuses.setdefault(file, []).extend(pieces)
total = bare = 0
for file in json.load(open(sys.argv[1]))["files"]:
    source = pathlib.Path(file["file"]).read_text().splitlines()
    for line in file["lines"]:
        if line.get("gcovr/noncode"):
            continue
        total += 1
        if line["count"] == 0:
            text = source[line["line_number"] - 1]
            excused = any(piece in text for piece in excuses.get(file["file"], []))
            print(f"{file['file']}:{line['line_number']}: not run{' (excused)' if excused else ''}")
            bare += not excused
print(f"coverage: {total} lines, {bare} neither run nor excused")
sys.exit(1 if bare else 0)
PYTHON
