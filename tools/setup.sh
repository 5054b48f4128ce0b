#!/bin/bash
# Installs what building, testing and the sandbox need, on Debian 12 and 13; quick when all is there.
#
#   tools/setup.sh [GROUP...]    groups: build test lint image regress bench; "build test lint" unless given
set -euo pipefail
cd "$(dirname "$0")/.."

packages_of() {
  case $1 in
    build) echo g++ cmake ninja-build pkg-config make git ca-certificates tzdata \
      libcurl4-openssl-dev libssl-dev libzstd-dev zlib1g-dev libpugixml-dev nlohmann-json3-dev \
      libtomlplusplus-dev libcli11-dev libfmt-dev libspdlog-dev libhowardhinnant-date-dev \
      libpq-dev libsodium-dev \
      python3 ;;
    test) echo libgtest-dev libgmock-dev librapidcheck-dev python3-venv faketime curl openssl \
      postgresql postgresql-client procps iproute2 systemd ceph-mon ceph-osd radosgw ceph-common ;;
    lint) echo clang libclang-rt-dev clang-format clang-tidy gcovr shellcheck ;;
    image) echo debootstrap podman buildah runc ;;
    regress) echo gcc postgresql postgresql-server-dev-15 ;;
    bench) echo libbenchmark-dev restic borgbackup postgresql ;;
    *) echo "setup: there is no group '$1'; choose from build test lint image regress bench" >&2; exit 2 ;;
  esac
}

missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
  done
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -eq 0 ] && return
  if ! command -v apt-get >/dev/null; then
    echo "setup: this is not Debian; install the equivalents of: ${missing[*]}" >&2
    exit 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    echo "setup: run as root: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  echo "setup: installing ${#missing[@]} packages"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    >/dev/null
}

# The sandbox's Python packages, in a virtual environment of their own; made anew when the pinned
# versions change.
install_python() {
  local stamp=.venv/requirements.sha256 wanted
  wanted=$(sha256sum sandbox/requirements.txt)
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return
  echo "setup: making .venv"
  [ -x .venv/bin/python ] || /usr/bin/python3 -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -r sandbox/requirements.txt
  echo "$wanted" >"$stamp"
}

groups=("$@")
[ "${#groups[@]}" -gt 0 ] || groups=(build test lint)
for group in "${groups[@]}"; do
  # A list of words on purpose.
  # shellcheck disable=SC2046
  install_packages $(packages_of "$group")
  [ "$group" = test ] && install_python
done
exit 0
