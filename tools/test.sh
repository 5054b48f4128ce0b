#!/bin/bash
# Every test: the house rules, the unit tests with sanitizers, then the tests that drive the shipped
# program against the sandbox. Ends with one line: "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
started=$SECONDS
tools/setup.sh build test || exit 1

passed=0
failed=0
skipped=0

# Adds the counts of a runner's closing line. A runner that counted nothing failed.
count() { # name, status, passed, failed, skipped
  passed=$((passed + ${3:-0}))
  failed=$((failed + ${4:-0}))
  skipped=$((skipped + ${5:-0}))
  if [ "$2" -ne 0 ] && [ "${4:-0}" -eq 0 ]; then failed=$((failed + 1)); fi
  if [ "${3:-0}" -eq 0 ]; then echo "test: $1 ran no test" >&2; failed=$((failed + 1)); fi
  echo "test: $1 done after $((SECONDS - started)) s"
}

run_check() { # name, command...
  local name=$1
  shift
  if "$@"; then passed=$((passed + 1)); else echo "test: $name failed" >&2; failed=$((failed + 1)); fi
}

# A world of servers of its own for each file, so files run beside each other.
run_pytest() { # name, folder...
  local name=$1 log status ok bad errors skips
  shift
  log=$(mktemp)
  .venv/bin/python -m pytest -q -p no:cacheprovider -n "$(nproc)" --dist loadfile "$@" 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  ok=$(grep -oE '[0-9]+ passed' "$log" | tail -n 1 | grep -oE '[0-9]+')
  bad=$(grep -oE '[0-9]+ failed' "$log" | tail -n 1 | grep -oE '[0-9]+')
  errors=$(grep -oE '[0-9]+ errors?' "$log" | tail -n 1 | grep -oE '[0-9]+')
  skips=$(grep -oE '[0-9]+ skipped' "$log" | tail -n 1 | grep -oE '[0-9]+')
  rm -f "$log"
  count "$name" "$status" "${ok:-0}" $((${bad:-0} + ${errors:-0})) "${skips:-0}"
}

run_ctest() {
  local log status total bad skips
  log=$(mktemp)
  ctest --preset dev 2>&1 | tee "$log" | grep -vE '^ *[0-9]+/[0-9]+ Test|^ +Start '
  status=${PIPESTATUS[0]}
  total=$(grep -oE 'out of [0-9]+' "$log" | grep -oE '[0-9]+' | tail -n 1)
  bad=$(grep -oE '[0-9]+ tests failed' "$log" | grep -oE '^[0-9]+' | tail -n 1)
  skips=$(grep -c '[*][*][*]Skipped' "$log")
  rm -f "$log"
  count "unit tests" "$status" $((${total:-0} - ${bad:-0} - skips)) "${bad:-0}" "$skips"
}

build() { # preset
  cmake --preset "$1" >/dev/null && cmake --build --preset "$1" -j "$(nproc)" | tail -n 3
}

run_check "layers" tools/check_layers.py
run_check "house rules" tools/tidy.py
if build release && build dev; then
  echo "test: built after $((SECONDS - started)) s"
  run_check "manual" tools/manual.sh --check
  run_ctest
  run_pytest "sandbox" tests/sandbox
  run_pytest "oracles" tests/oracle
  run_pytest "scenarios" tests/scenario
  # A few of them once more, each command with the keys of its roles; `make split` is for all.
  TIDEMARK_SPLIT_CREDENTIALS=1 run_pytest "split credentials" tests/scenario/test_first_point.py \
    tests/scenario/test_restore_asks_first.py \
    tests/scenario/test_files.py::test_rows_and_files_come_back_together
else
  echo "test: the build failed" >&2
  failed=$((failed + 1))
fi
# A test that did not run proves nothing, so where all its tools were set up it counts as failed.
if [ "${CI:-}" = true ] && [ "$skipped" -gt 0 ]; then
  echo "test: $skipped skipped, although make setup installs all that they need" >&2
  failed=$((failed + skipped))
  skipped=0
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
