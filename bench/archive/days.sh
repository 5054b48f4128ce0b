#!/bin/bash
# Makes the days of datasets A (pgbench) and B (a web shop) on a private PostgreSQL, and what restic
# and borg add for each of them.
#
#   bench/archive/days.sh DIRECTORY [DATASET [SCALE [DAYS]]]     DATASET: A or B
#
# SCALE is in percent of the full size (A: pgbench -s 60; B: 200,000 users). Leaves
# DIRECTORY/<dataset>/<day>/<table>.copy, and in DIRECTORY/<dataset>/peers.tsv a line a day: day,
# bytes of the dump, bytes in restic's repository, bytes in borg's. Runs as root: the server as user
# postgres, on a socket in the directory only.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$1
dataset=${2:-B}
scale=${3:-25}
days=${4:-7}

versions=(/usr/lib/postgresql/*/bin)
binaries=${versions[-1]}
data=$root/$dataset
mkdir -p "$data"
server=$(mktemp -d "$root/server.XXXXXX")
chown postgres "$server"
chmod 711 "$root"

as_postgres() { runuser -u postgres -- "$@"; }
stop_server() { as_postgres "$binaries/pg_ctl" -D "$server/data" -m immediate stop >/dev/null || true; }
trap 'stop_server; rm -rf "$server"' EXIT

as_postgres "$binaries/initdb" -D "$server/data" -A trust -E UTF8 --locale=C >/dev/null
as_postgres "$binaries/pg_ctl" -D "$server/data" -w -l "$server/log" -o \
  "-k $server -c listen_addresses= -c fsync=off -c shared_buffers=512MB -c max_wal_size=4GB \
   -c autovacuum=off -c timezone=UTC" start >/dev/null
export PGHOST=$server PGUSER=postgres PGDATABASE=days
createdb days

case $dataset in
  A) first_day() { pgbench -q -i -s "$((60 * scale / 100))" days 2>/dev/null; }
     next_day() {
       pgbench -n -c 2 -t "$((30000 * scale / 100))" --random-seed="$1" days >/dev/null 2>&1
       psql -qc 'VACUUM'
     } ;;
  B) sizes=(-v "users=$((2000 * scale))" -v "products=$((100 * scale))" -v "orders=$((4000 * scale))"
            -v "events=$((12000 * scale))")
     first_day() { psql -q "${sizes[@]}" -f "$here/shop.sql" >/dev/null; }
     next_day() { psql -q "${sizes[@]}" -v "day=$1" -f "$here/shop_day.sql" >/dev/null; } ;;
  *) echo "days: there is no dataset '$dataset'; choose A or B" >&2; exit 2 ;;
esac

export RESTIC_REPOSITORY=$data/restic RESTIC_PASSWORD=bench RESTIC_CACHE_DIR=$data/restic-cache
export BORG_REPO=$data/borg BORG_BASE_DIR=$data/borg-base BORG_PASSPHRASE=bench
export BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes
restic init -q --repository-version 2
borg init -e repokey
bytes_in() { du -sb "$1" | cut -f1; }

: >"$data/peers.tsv"
for ((day = 0; day <= days; ++day)); do
  if ((day == 0)); then first_day; else next_day "$day"; fi
  mkdir -p "$data/$day"
  tables=$(psql -Atc "SELECT relname FROM pg_class WHERE relkind = 'r' AND
                      relnamespace = 'public'::regnamespace ORDER BY 1")
  for table in $tables; do
    psql -qc "COPY $table TO STDOUT" >"$data/$day/$table.copy"
  done
  pg_dump -Fc -Z0 -n public -f "$server/dump" days
  restic backup -q --stdin --stdin-filename dump <"$server/dump"
  borg create -C zstd,3 "::day$day" - <"$server/dump"
  printf '%d\t%d\t%d\t%d\n' "$day" "$(bytes_in "$server/dump")" "$(bytes_in "$data/restic")" \
    "$(bytes_in "$data/borg")" | tee -a "$data/peers.tsv"
  rm -f "$server/dump"
done
