#!/bin/bash
# Makes docs/manual/commands.md from what each command says with --help, so that the two agree.
#
#   tools/manual.sh           writes it
#   tools/manual.sh --check   fails when it is not what the program says
#
# TIDEMARK names the program to ask; build/release/tidemark unless set.
set -euo pipefail
cd "$(dirname "$0")/.."
tidemark=${TIDEMARK:-build/release/tidemark}
page=docs/manual/commands.md
[ -x "$tidemark" ] || { echo "manual: there is no $tidemark; make build" >&2; exit 1; }

commands() { "$tidemark" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]\+\( [a-z-]\+\)\?\)  .*/\1/p'; }

write_page() {
  echo "<!-- made by tools/manual.sh; change the help texts in src/cli instead -->"
  echo "# Commands"
  echo
  "$tidemark" --help | sed -n 1p
  echo
  echo "Every command takes the options that are listed once at the end. [Exit codes](exit-codes.md) and"
  echo "[JSON](json.md) have pages of their own."
  local command
  while read -r command; do
    printf '\n## tidemark %s\n\n```text\n' "$command"
    # shellcheck disable=SC2086  # two words on purpose
    "$tidemark" $command --help | awk '/^everywhere:/ {skip = 1} skip && /^example:/ {skip = 0} !skip'
    printf '```\n'
  done < <(commands)
  printf '\n## Options of every command\n\n```text\n'
  "$tidemark" status --help | sed -n '/^everywhere:/,/^$/p' | sed '1d;$d'
  printf '```\n'
}

if [ "${1:-}" = --check ]; then
  diff -u "$page" <(write_page) && echo "manual: $page is what the program says"
else
  write_page >"$page"
fi
