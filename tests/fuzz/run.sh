#!/bin/sh
# Runs fuzz targets one after the other: run.sh BUILD_FOLDER SECONDS [TARGET ...]
set -eu
build=$1
seconds=$2
shift 2
here=$(dirname "$0")
if [ $# -eq 0 ]; then
  for source in "$here"/*_fuzz.cc; do
    set -- "$@" "$(basename "$source" _fuzz.cc)"
  done
fi
failed=0
mkdir -p "$build/fuzz-failures"
for target in "$@"; do
  program=$(find "$build" -type f -name "${target}_fuzz" | head -n 1)
  if [ -z "$program" ]; then
    echo "$target: not built" >&2
    failed=1
    continue
  fi
  found=$build/fuzz-corpus/$target
  mkdir -p "$found"
  # The limit of single allocations is what an input may cost; the other one has room for the
  # sanitizer's own memory.
  if "$program" -max_total_time="$seconds" -timeout=2 -malloc_limit_mb=64 -rss_limit_mb=1024 \
    -print_final_stats=1 -artifact_prefix="$build/fuzz-failures/$target-" \
    "$found" "$here/corpus/$target" >"$found.log" 2>&1; then
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found.log")
    echo "$target: $runs inputs, no failure"
  else
    echo "$target: FAILED, see $found.log" >&2
    failed=1
  fi
done
exit $failed
