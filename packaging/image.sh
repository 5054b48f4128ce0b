#!/bin/bash
# Builds the container image, then tries it against the sandbox as an operator would run it.
#
#   packaging/image.sh          build, then try
#   packaging/image.sh build    only build
#   packaging/image.sh try      only try what was built
#
# Needs root, since podman here stores images as plain folders (vfs) and builds in a chroot, which
# works without any privilege of the kernel beyond that. JOBS limits the compilers at once,
# PODMAN_FLAGS replaces podman's global options, MIRROR names the Debian mirror to bootstrap from.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin

BASE=docker.io/library/debian:bookworm-slim
VERSION=$(sed -n 's/^project(tidemark VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
IMAGE=localhost/tidemark:$VERSION
read -ra podman_flags <<<"${PODMAN_FLAGS---runtime runc --cgroup-manager cgroupfs}"
PODMAN=(podman --storage-driver vfs "${podman_flags[@]}")
BUILDAH=(buildah --storage-driver vfs)
CONTAINER=tidemark-image-try-$$
STOP_SECONDS_MAX=10
PYTHON=.venv/bin/python

say() { echo "image: $*"; }
die() { echo "image: $*" >&2; exit 1; }

[ "$(id -u)" -eq 0 ] || die "run as root: it bootstraps Debian and builds in a chroot"

# The registry's image where there is a registry; else the same thing made from the Debian mirror.
base_image() {
  "${PODMAN[@]}" image exists "$BASE" && return
  if timeout 30 "${PODMAN[@]}" pull --quiet "$BASE" >/dev/null 2>&1; then return; fi
  say "no registry answers, so $BASE is made from the Debian mirror"
  local work mirror
  # shellcheck disable=SC2016  # apt fills it in
  mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' | grep '/debian/*$' | head -n 1)}
  mirror=${mirror:-http://deb.debian.org/debian}
  work=$(mktemp -d)
  # shellcheck disable=SC2064  # the folder of now
  trap "rm -rf '$work'" EXIT
  debootstrap --variant=minbase --include=ca-certificates bookworm "$work/root" "$mirror" \
    >"$work/log" 2>&1 || { tail -n 5 "$work/log" >&2; die "debootstrap failed"; }
  printf 'deb %s bookworm main\ndeb %s bookworm-updates main\ndeb %s-security bookworm-security main\n' \
    "$mirror" "$mirror" "${mirror%/}" >"$work/root/etc/apt/sources.list"
  # As in the slim images of registries: no manuals, no translations.
  rm -rf "$work"/root/usr/share/{man,info,locale,lintian} "$work"/root/var/lib/apt/lists/* \
    "$work"/root/var/cache/apt/*.bin "$work"/root/var/cache/apt/archives/*.deb
  find "$work/root/usr/share/doc" -type f ! -name copyright -delete
  tar -C "$work/root" --numeric-owner --one-file-system -cf "$work/base.tar" .
  "${PODMAN[@]}" import --change 'CMD ["bash"]' "$work/base.tar" "$BASE" >/dev/null 2>"$work/log" ||
    { tail -n 3 "$work/log" >&2; die "podman import failed"; }
  rm -rf "$work"
  trap - EXIT
}

build() {
  local started=$SECONDS revision
  base_image
  say "base image after $((SECONDS - started)) s"
  revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
  "${BUILDAH[@]}" bud --isolation chroot --format docker --layers --pull=false \
    --build-arg "JOBS=${JOBS:-$(nproc)}" --build-arg "VERSION=$VERSION" \
    --build-arg "REVISION=$revision" \
    -f packaging/container/Dockerfile -t "$IMAGE" -t localhost/tidemark:latest . |
    grep -E '^(STEP|COMMIT|\[[0-9]+/[0-9]+\] Linking)' || true
  "${PODMAN[@]}" image exists "$IMAGE" || die "the build left no image"
  say "built $IMAGE in $((SECONDS - started)) s"
}

check() { # what, command...
  local what=$1
  shift
  if "$@"; then
    say "ok: $what"
  else
    "${PODMAN[@]}" logs --tail 20 "$CONTAINER" >&2 || true
    die "FAILS: $what"
  fi
}

# Repeats a command until it succeeds.
within() { # seconds, command...
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.5
  done
}

boto() { # statements over the client `rds`
  # shellcheck disable=SC2046  # a list of assignments on purpose
  env $(cat "$sandbox/env") $PYTHON -c "import boto3
rds = boto3.client('rds', region_name='ap-southeast-2')
$1"
}

snapshot_seen() {
  boto "names = [s['DBSnapshotIdentifier'] for s in
         rds.describe_db_snapshots(SnapshotType='manual')['DBSnapshots']
         if s['Status'] == 'available']
raise SystemExit(0 if len(names) == 1 and names[0].startswith('tidemark-') else 1)"
}

healthy() { "${PODMAN[@]}" healthcheck run "$CONTAINER" >/dev/null 2>&1; }
main_pid() { "${PODMAN[@]}" inspect --format '{{.State.Pid}}' "$CONTAINER"; }

listens() { # pid, or a part of the program's name
  ss -H -ltnup | grep -Eq "pid=$1,|\"$1"
}

opens_no_port() {
  # The sandbox listens, so what sees nothing here would prove nothing.
  listens python || { say "ss does not see even the sandbox's port"; return 1; }
  ! listens "$(main_pid)"
}

runs_as_user() { grep -q "^Uid:.10001.10001.10001.10001" "/proc/$(main_pid)/status"; }
has_no_capability() { grep -q '^CapEff:.0*$' "/proc/$(main_pid)/status"; }
root_is_read_only() {
  ! "${PODMAN[@]}" exec --user 0 "$CONTAINER" touch /usr/bin/x 2>/dev/null &&
    "${PODMAN[@]}" exec "$CONTAINER" touch /var/lib/tidemark/x
}

stops_in_time() {
  local started=$SECONDS code
  "${PODMAN[@]}" stop -t $STOP_SECONDS_MAX "$CONTAINER" >/dev/null 2>&1
  code=$("${PODMAN[@]}" inspect --format '{{.State.ExitCode}}' "$CONTAINER")
  say "stopped in $((SECONDS - started)) s with exit code $code"
  # 137 would mean that it had to be killed.
  [ "$code" -eq 0 ] && [ $((SECONDS - started)) -le $STOP_SECONDS_MAX ]
}

# The limits are low on purpose: where this runs without CAP_SYS_RESOURCE, podman's own, which are
# higher than ours, could not be set.
start() { # further options of podman run
  "${PODMAN[@]}" run -d --name "$CONTAINER" --restart=always --env-file="$sandbox/aq_backup_config" \
    --network host -e "AWS_ENDPOINT_URL=$endpoint" --ulimit nofile=1024:1024 \
    --ulimit nproc=1024:1024 "$@" "$IMAGE" >/dev/null 2>"$sandbox/podman.log" ||
    { cat "$sandbox/podman.log" >&2; die "podman run failed"; }
}

clean_up() {
  "${PODMAN[@]}" rm -f -t 0 -v "$CONTAINER" >/dev/null 2>&1 || true
  $PYTHON -m sandbox down --dir "$sandbox" >/dev/null 2>&1 || true
  rm -rf "$sandbox"
}

try() {
  "${PODMAN[@]}" image exists "$IMAGE" || die "there is no $IMAGE; build it first"
  [ -x $PYTHON ] || tools/setup.sh test
  sandbox=$(mktemp -d /tmp/tidemark-image.XXXXXX)
  trap clean_up EXIT
  $PYTHON -m sandbox up --dir "$sandbox" --no-servers --delay 1 >/dev/null
  endpoint=$(sed -n 's/^AWS_ENDPOINT_URL=//p' "$sandbox/env")
  boto "rds.create_db_instance(DBInstanceIdentifier='aquamark', DBInstanceClass='db.t3.micro',
    Engine='postgres', EngineVersion='15.4', AllocatedStorage=20, MasterUsername='aq',
    MasterUserPassword='correct-horse')"
  # The environment file of the earlier script; only its interval is shorter, for the trial.
  { echo "AWS_RDS_IDENTIFIER=aquamark"
    echo "AWS_REGION_NAME=ap-southeast-2"
    grep -E '^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY)=' "$sandbox/env"
    echo "BACKUP_CRON_INTERVAL=2"; } >"$sandbox/aq_backup_config"
  [ -S /run/systemd/private ] ||
    say "note: no systemd runs here, so podman cannot repeat the health check; it is run by hand"
  try_as_documented
  try_locked_down
  say "size: $("${PODMAN[@]}" image inspect --format '{{.Size}}' "$IMAGE" | numfmt --to=si) B"
  say "all trials passed"
}

# As the document of the earlier script starts its container; only the image's name differs, and
# the sandbox's address is added.
try_as_documented() {
  start
  check "a snapshot appears" within 60 snapshot_seen
  check "its health check becomes green" within 30 healthy
  check "it runs as user 10001" runs_as_user
  check "it listens on no port" opens_no_port
  check "it stops by itself within $STOP_SECONDS_MAX s" stops_in_time
  "${PODMAN[@]}" rm -f -v "$CONTAINER" >/dev/null 2>&1
}

try_locked_down() {
  start --read-only --cap-drop all --security-opt no-new-privileges
  check "with a read-only root and no capability it is healthy" within 60 healthy
  check "its root is read-only, its state is not" root_is_read_only
  check "it has no capability" has_no_capability
  check "a second daemon made no second snapshot" snapshot_seen
  check "it stops by itself, locked down" stops_in_time
}

case ${1:-all} in
  build) build ;;
  try) try ;;
  all) build; try ;;
  *) die "usage: packaging/image.sh [build|try]" ;;
esac
