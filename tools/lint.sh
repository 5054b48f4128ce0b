#!/bin/bash
# shellcheck disable=SC2317  # the checks are called by name
# What CI holds you to beyond the tests: layout, layers, house rules, warnings of clang, scripts.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
failed=0
check() { # name, command...
  local name=$1
  shift
  if "$@"; then echo "lint: $name holds"; else echo "lint: $name FAILS" >&2; failed=1; fi
}
clean_layout() { git ls-files -z '*.cc' '*.h' | xargs -0 clang-format --dry-run -Werror; }
clang_build() { cmake --preset clang >/dev/null && cmake --build --preset clang -j "$(nproc)" | tail -n 3; }
scripts() { git ls-files -z '*.sh' .ci/run sandbox/radosgw/up sandbox/radosgw/down | xargs -0 shellcheck; }
check "layout (make format mends it)" clean_layout
check "layers" tools/check_layers.py
check "house rules" tools/tidy.py
check "scripts" scripts
check "clang without warnings" clang_build
exit $failed
