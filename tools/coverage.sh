#!/bin/bash
# Which lines of the decisions (src/core, src/schedule) the unit tests run. Every line is covered,
# or docs/coverage-excuses.md says why not: fails when a line is neither.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset coverage >/dev/null
cmake --build --preset coverage -j "$(nproc)" --target core_test schedule_test | tail -n 1
find build/coverage -name '*.gcda' -delete
build/coverage/core_test --gtest_brief=1
build/coverage/schedule_test --gtest_brief=1
report=$(mktemp)
trap 'rm -f "$report"' EXIT
gcovr --root . --filter 'src/(core|schedule)/' --exclude '.*_test\.cc' --json "$report" \
  build/coverage 2>/dev/null
python3 - "$report" <<'PYTHON'
import json
import pathlib
import re
import sys

excuses = set(re.findall(r"`(src/[\w/]+\.(?:cc|h))`", pathlib.Path("docs/coverage-excuses.md").read_text()))
total = bare = 0
for file in json.load(open(sys.argv[1]))["files"]:
    for line in file["lines"]:
        if line.get("gcovr/noncode"):
            continue
        total += 1
        if line["count"] == 0:
            excused = file["file"] in excuses
            print(f"{file['file']}:{line['line_number']}: not run{' (excused)' if excused else ''}")
            bare += not excused
print(f"coverage: {total} lines, {bare} neither run nor excused")
sys.exit(1 if bare else 0)
PYTHON
