#!/bin/bash
# Installs what belongs beside the program: manual pages, shell completions and the systemd unit.
# The program prints the first two itself, so they cannot differ from it.
#
#   packaging/install-extras.sh [DESTDIR]     DESTDIR stands before /usr; empty unless given
#
# TIDEMARK names the program to ask; build/release/tidemark unless set.
set -euo pipefail
cd "$(dirname "$0")/.."
destdir=${1:-}
tidemark=${TIDEMARK:-build/release/tidemark}
[ -x "$tidemark" ] || { echo "install-extras: there is no $tidemark; make build" >&2; exit 1; }

put() { # file under DESTDIR; its text comes on standard input
  mkdir -p "$(dirname "$destdir$1")"
  cat >"$destdir$1"
}

# The lines of the overview that name a command: two blanks, the name, two blanks or more.
commands() { "$tidemark" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]\+\( [a-z]\+\)\?\)  .*/\1/p'; }

man=/usr/share/man/man1
"$tidemark" man | gzip -9n | put $man/tidemark.1.gz
count=0
while read -r command; do
  "$tidemark" man "$command" | gzip -9n | put "$man/tidemark-${command// /-}.1.gz"
  count=$((count + 1))
done < <(commands)
[ "$count" -gt 0 ] || { echo "install-extras: the program lists no commands" >&2; exit 1; }

"$tidemark" completion bash | put /usr/share/bash-completion/completions/tidemark
"$tidemark" completion zsh | put /usr/share/zsh/vendor-completions/_tidemark
"$tidemark" completion fish | put /usr/share/fish/vendor_completions.d/tidemark.fish
put /lib/systemd/system/tidemark.service <packaging/systemd/tidemark.service
echo "install-extras: $((count + 1)) manual pages, 3 completions, 1 unit"
