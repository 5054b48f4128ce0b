#!/usr/bin/env python3
"""Archives end to end beside their peers: the same database, the same days, one run.

    bench/archive/against_peers.py [--dataset A|B|C] [--scale PERCENT] [--days N] [--rounds N]

A private PostgreSQL holds the dataset. Each day it is archived by Tidemark, by `pg_dump -Fc -Z0 |
restic` and by `pg_dump -Fc -Z0 | borg` (zstd,3), each into a repository on the same disk. Then the
walls: raw COPY to nowhere, pg_dump, pg_restore and our restores, medians of several rounds. Every
restore is compared with the database by content. Runs as root: the server as user postgres.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TIDEMARK = Path(os.environ.get("TIDEMARK_BINARY", ROOT / "build/release/tidemark"))
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))[-1]
MIB = 1 << 20
CONFIG = """
[repository]
url = "{folder}/tidemark"
key_file = "{folder}/key"
grace = "1d"
"""
TABLES = """select format('%I.%I', nspname, relname) from pg_class c join pg_namespace n
    on n.oid = relnamespace where relkind = 'r' and nspname = 'public' order by relpages desc"""
CONTENT = "select md5(string_agg(h, '' order by h)) from (select md5(t::text) h from {} t) x"


def run(command: list, **options) -> str:
    done = subprocess.run([str(word) for word in command], text=True, capture_output=True, **options)
    if done.returncode != 0:
        sys.exit(f"bench: {command[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def read_so_far(pid: int) -> int:
    """Bytes that a process has read from files."""
    counts = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(counts["rchar"])


class Server:
    """A private PostgreSQL on a socket, with nothing else running in it."""

    def __init__(self, folder: Path):
        self.folder = folder / "server"
        self.folder.mkdir()
        folder.chmod(0o711)
        shutil.chown(self.folder, "postgres")
        self.as_postgres("initdb", "-D", self.folder / "data", "-A", "trust", "-E", "UTF8",
                         "--locale=C")
        self.as_postgres("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o",
                         f"-k {self.folder} -c listen_addresses= -c fsync=off "
                         "-c shared_buffers=512MB -c max_wal_size=8GB -c autovacuum=off "
                         "-c timezone=UTC", "start")
        os.environ |= {"PGHOST": str(self.folder), "PGUSER": "postgres", "PGDATABASE": "days"}
        self.fresh("days")

    def as_postgres(self, program: str, *words) -> None:
        run(["runuser", "-u", "postgres", "--", BINARIES / program, *words])

    def stop(self) -> None:
        self.as_postgres("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def fresh(self, database: str) -> None:
        run(["psql", "-XqAt", "-d", "postgres", "-c", f"drop database if exists {database}",
             "-c", f"create database {database}"])

    def sql(self, query: str, database: str = "days") -> str:
        return run(["psql", "-XqAt", "-d", database, "-c", query]).strip()

    def content(self, database: str) -> dict[str, str]:
        return {table: self.sql(CONTENT.format(table), database)
                for table in self.sql(TABLES, database).splitlines()}


class Dataset:
    """The rows of the first day and the changes of each further one; scale in percent."""

    def __init__(self, name: str, scale: int):
        self.name, self.scale = name, scale
        self.sizes = [word for table, rows in (("users", 2000), ("products", 100),
                                               ("orders", 4000), ("events", 12000))
                      for word in ("-v", f"{table}={rows * scale}")]

    def first_day(self, server: Server) -> None:
        if self.name == "A":
            run(["pgbench", "-q", "-i", "-s", 60 * self.scale // 100, "days"])
            return
        run(["psql", "-q", *self.sizes, "-f", HERE / "shop.sql"])
        if self.name == "C":
            run(["psql", "-q", "-v", f"scale={self.scale}", "-f", HERE / "files.sql"])

    def next_day(self, server: Server, day: int) -> None:
        if self.name == "A":
            run(["pgbench", "-n", "-c", 2, "-t", 300 * self.scale, f"--random-seed={day}", "days"])
            server.sql("vacuum")
            return
        run(["psql", "-q", *self.sizes, "-v", f"day={day}", "-f", HERE / "shop_day.sql"])
        if self.name == "C":
            run(["psql", "-q", "-v", f"scale={self.scale}", "-v", f"day={day}",
                 "-f", HERE / "files_day.sql"])


class Tidemark:
    name = "Tidemark"

    def __init__(self, folder: Path, server: Server):
        self.server, self.repository = server, folder / "tidemark"
        config = folder / "tidemark.toml"
        config.write_text(CONFIG.format(folder=folder))
        (folder / "state").mkdir()
        self.environment = os.environ | {"TIDEMARK_CONFIG": str(config),
                                         "TIDEMARK_STATE_DIR": str(folder / "state")}
        self.peak_mib = 0.0
        self.call("repo", "init")

    def call(self, *words) -> dict:
        output, errors = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")
        child = subprocess.Popen([TIDEMARK, *map(str, words), "--json"], env=self.environment,
                                 stdout=output, stderr=errors)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        self.bytes_read = read_so_far(child.pid)  # while it is not reaped yet
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        self.peak_mib = max(self.peak_mib, usage.ru_maxrss / 1024)
        output.seek(0)
        if child.returncode != 0:
            errors.seek(0)
            sys.exit(f"bench: tidemark {words[0]} ended with {child.returncode}:\n"
                     f"{output.read()}{errors.read()}")
        text = output.read()
        return json.loads(text) if text.strip() else {}

    def archive(self, day: int, jobs: int = 2, name: str = "days") -> str:
        self.last = self.call("archive", self.server.url("days"), "--name", name,
                              "--jobs", jobs)["archive"]
        return self.last

    def prune(self, gone: str) -> None:
        """Condemns that one, deletes those of yesterday, and lets a day go by."""
        self.call("archives", "forget", gone, "--yes")
        self.call("archives", "prune", "--yes")
        for path in self.repository.rglob("*"):
            if path.is_file():
                yesterday = path.stat().st_mtime - 86400
                os.utime(path, (yesterday, yesterday))

    def restore(self, archive: str, database: str, *words) -> None:
        self.call("restore", archive, "--to", self.server.url(database), *words)


class Restic:
    name = "restic"

    def __init__(self, folder: Path):
        self.repository = folder / "restic"
        os.environ |= {"RESTIC_REPOSITORY": str(self.repository), "RESTIC_PASSWORD": "bench",
                       "RESTIC_CACHE_DIR": str(folder / "restic-cache")}
        run(["restic", "init", "-q", "--repository-version", 2])

    def archive(self, day: int) -> str:
        piped("pg_dump -Fc -Z0 -n public days",
              f"restic backup -q --tag day{day} --stdin --stdin-filename dump")
        return f"day{day}"

    def prune(self, gone: str) -> None:
        snapshot = json.loads(run(["restic", "snapshots", "--tag", gone, "--json"]))[0]["id"]
        run(["restic", "forget", "-q", "--prune", snapshot])


class Borg:
    name = "borg"

    def __init__(self, folder: Path):
        self.repository = folder / "borg"
        os.environ |= {"BORG_REPO": str(self.repository), "BORG_PASSPHRASE": "bench",
                       "BORG_BASE_DIR": str(folder / "borg-base")}
        run(["borg", "init", "-e", "repokey"])

    def archive(self, day: int) -> str:
        piped("pg_dump -Fc -Z0 -n public days", f"borg create -C zstd,3 ::day{day} -")
        return f"day{day}"

    def prune(self, gone: str) -> None:
        run(["borg", "delete", f"::{gone}"])
        run(["borg", "compact"])


def piped(producer: str, consumer: str) -> None:
    run(["bash", "-o", "pipefail", "-c", f"{producer} | {consumer}"])


def timed(action) -> float:
    os.sync()  # what went before is not this one's to write
    begin = time.monotonic()
    action()
    return time.monotonic() - begin


def copy_to_nowhere(server: Server, lanes: int) -> None:
    """The floor of any logical backup: the rows as text, nothing done with them."""
    def copy(table: str) -> None:
        run(["bash", "-c", f'psql -XqAt -c "copy {table} to stdout" days >/dev/null'])

    with ThreadPoolExecutor(lanes) as pool:
        list(pool.map(copy, server.sql(TABLES).splitlines()))


class Report:
    """Lines of figures, each with what it should reach; keeps count of the misses."""

    def __init__(self):
        self.missed = 0

    def say(self, what: str, value: float, reach: float | None, detail: str) -> None:
        verdict = "" if reach is None else "reached" if value <= reach else "MISSED"
        self.missed += verdict == "MISSED"
        goal = "" if reach is None else f"<= {reach:.3f}"
        print(f"{what:<44} {value:>8.3f} {goal:>9} {verdict:<8} {detail}", flush=True)


DAY_GOAL = {"A": 1 / 9, "B": 1 / 25, "C": 1 / 20}


def days_of_bytes(report: Report, server: Server, dataset: Dataset, days: int, keep: int,
                  tools: list) -> dict:
    """Archives each day with each tool; bytes and walls of every day. All but the last `keep` days
    are pruned daily by each tool; 0 keeps all."""
    added = {tool.name: [] for tool in tools}
    walls = {tool.name: [] for tool in tools}
    made = {tool.name: [] for tool in tools}
    for day in range(days + 1):
        if day == 0:
            dataset.first_day(server)
        else:
            dataset.next_day(server, day)
        server.sql("checkpoint")
        for tool in tools:
            before = bytes_in(tool.repository)
            walls[tool.name].append(timed(lambda: made[tool.name].append(tool.archive(day))))
            added[tool.name].append(bytes_in(tool.repository) - before)
            if keep and day >= keep:
                tool.prune(made[tool.name][day - keep])
        print(f"day {day:2}: " + ", ".join(
            f"{tool.name} {added[tool.name][-1] / 1e6:.2f} MB {walls[tool.name][-1]:.1f} s"
            for tool in tools), flush=True)
    ours = added["Tidemark"]
    for peer in ("restic", "borg"):
        theirs = added[peer]
        report.say(f"first archive, bytes, of {peer}", ours[0] / theirs[0],
                   1 / 1.4 if dataset.name == "B" else None,
                   f"{ours[0] / 1e6:.2f} of {theirs[0] / 1e6:.2f} MB")
        mean, peer_mean = statistics.mean(ours[1:]), statistics.mean(theirs[1:])
        report.say(f"a day, bytes, of {peer}", mean / peer_mean, DAY_GOAL[dataset.name],
                   f"{mean / 1e6:.3f} of {peer_mean / 1e6:.2f} MB, 1/{peer_mean / mean:.1f}")
    if keep:
        for tool in tools:
            print(f"{keep} of {days + 1} days kept, {tool.name}: "
                  f"{bytes_in(tool.repository) / 1e6:.2f} MB")
    return {"archives": made["Tidemark"][-keep:], "walls": walls}


def walls_of_archives(report: Report, server: Server, dataset: Dataset, tidemark: Tidemark,
                      rounds: int, days: int, folder: Path) -> None:
    floor = {1: [], 2: []}
    again = {1: [], 2: []}
    first = {1: [], 2: []}
    dump, restic = [], []
    for number in range(rounds):
        for lanes in (1, 2):
            floor[lanes].append(timed(lambda: copy_to_nowhere(server, lanes)))
            again[lanes].append(timed(lambda: tidemark.archive(0, lanes)))
            name = f"first{number}-{lanes}"
            first[lanes].append(timed(lambda: fresh_repository(tidemark, folder, name, lanes)))
        target = folder / "directory"
        dump.append(timed(lambda: run(["pg_dump", "-Fd", "-j2", "-f", target, "days"])))
        shutil.rmtree(target)
        restic.append(timed(lambda: Restic.archive(None, 0)))
    middle = statistics.median
    for lanes in (1, 2):
        report.say(f"unchanged day, wall, of raw COPY, {lanes} lane(s)",
                   middle(again[lanes]) / middle(floor[lanes]), 1.1,
                   f"{middle(again[lanes]):.2f} of {middle(floor[lanes]):.2f} s")
    report.say("unchanged day, wall, of restic", middle(again[2]) / middle(restic), 0.6,
               f"{middle(again[2]):.2f} of {middle(restic):.2f} s")
    report.say("first archive, wall, of raw COPY, one lane", middle(first[1]) / middle(floor[1]),
               1.15, f"{middle(first[1]):.2f} of {middle(floor[1]):.2f} s")
    report.say("first archive, wall, of pg_dump -Fd -j2", middle(first[2]) / middle(dump), 0.7,
               f"{middle(first[2]):.2f} of {middle(dump):.2f} s")
    report.say("two lanes, wall, of one lane, first archive", middle(first[2]) / middle(first[1]),
               1 / 1.5 if dataset.name == "A" else None,
               f"{middle(first[2]):.2f} of {middle(first[1]):.2f} s")


def fresh_repository(tidemark: Tidemark, folder: Path, name: str, lanes: int) -> None:
    """A first archive: into a repository of its own, so that nothing is found there."""
    place = folder / name
    place.mkdir()
    alone = Tidemark(place, tidemark.server)
    alone.archive(0, lanes)
    tidemark.peak_mib = max(tidemark.peak_mib, alone.peak_mib)
    shutil.rmtree(place)


def walls_of_restores(report: Report, server: Server, tidemark: Tidemark, archives: list[str],
                      rounds: int, folder: Path) -> None:
    dump = folder / "dump"
    run(["pg_dump", "-Fc", "-f", dump, "days"])
    ours, peer, oldest = [], [], []
    for _ in range(rounds):
        for walls, action in (
                (peer, lambda: run(["pg_restore", "-j2", "-d", "restored", dump])),
                (oldest, lambda: tidemark.restore(archives[0], "restored", "--jobs", 2)),
                (ours, lambda: tidemark.restore(archives[-1], "restored", "--jobs", 2))):
            server.fresh("restored")
            walls.append(timed(action))
        if server.content("restored") != server.content("days"):
            sys.exit("bench: what came back is not what was archived")
    middle = statistics.median
    report.say("restore, wall, of pg_restore -j2", middle(ours) / middle(peer), 0.9,
               f"{middle(ours):.2f} of {middle(peer):.2f} s")
    report.say("restore of the last day, wall, of day 0", middle(ours) / middle(oldest), 1.2,
               f"{middle(ours):.2f} of {middle(oldest):.2f} s")


def one_table(report: Report, server: Server, tidemark: Tidemark, archive: str) -> None:
    """A table of about 1 % of the data, out of an archive of all."""
    if server.sql("select to_regclass('public.products') is null") == "t":
        return
    share = float(server.sql(
        "select pg_relation_size('products') / sum(pg_relation_size(oid)) from pg_class "
        "where relkind = 'r' and relnamespace = 'public'::regnamespace"))
    server.fresh("restored")
    tidemark.restore(archive, "restored", "--table", "public.products", "--as", "public.products")
    if server.content("restored")["public.products"] != server.content("days")["public.products"]:
        sys.exit("bench: the table that came back is not the one that was archived")
    stored = bytes_in(tidemark.repository)
    report.say(f"one table, {share:.1%} of the data, read of stored", tidemark.bytes_read / stored,
               0.03, f"{tidemark.bytes_read / 1e6:.2f} of {stored / 1e6:.2f} MB")


def long_run(server: Server, dataset: Dataset, days: int, tidemark: Tidemark, folder: Path) -> int:
    """Every day kept: the sum beside one full archive of the last day."""
    sizes, walls = [], []
    for day in range(days + 1):
        if day == 0:
            dataset.first_day(server)
        else:
            dataset.next_day(server, day)
        walls.append(timed(lambda: tidemark.archive(day)))
        sizes.append(bytes_in(tidemark.repository))
        added = sizes[-1] - (sizes[-2] if day else 0)
        print(f"day {day:3}: {added / 1e6:.3f} MB, {walls[-1]:.2f} s", flush=True)
    place = folder / "last"
    place.mkdir()
    alone = Tidemark(place, server)
    alone.archive(0)
    last = bytes_in(alone.repository)
    print(f"{days} days kept: {sizes[-1] / 1e6:.2f} MB, {sizes[-1] / last:.3f} of one full archive of "
          f"the last day; a day {(sizes[-1] - sizes[0]) / days / 1e6:.3f} MB")
    server.fresh("restored")
    wall = timed(lambda: tidemark.restore(tidemark.last, "restored", "--jobs", 2))
    if server.content("restored") != server.content("days"):
        sys.exit("bench: what came back is not what was archived")
    server.fresh("restored")
    fresh_wall = timed(lambda: alone.restore(alone.last, "restored", "--jobs", 2))
    print(f"restore of day {days}: {wall:.2f} s; of the same rows stored whole: {fresh_wall:.2f} s")
    return 0


def versions() -> str:
    borg = run(["borg", "--version"]).strip()
    restic = run(["restic", "version"]).split()[1]
    return f"{run(['pg_dump', '--version']).strip()}, restic {restic}, {borg}"


def bench(options, folder: Path) -> int:
    print(f"dataset {options.dataset} at {options.scale} %, {options.days} days; {versions()}")
    report = Report()
    server = Server(folder)
    try:
        dataset = Dataset(options.dataset, options.scale)
        tidemark = Tidemark(folder, server)
        if options.bytes_only:
            return long_run(server, dataset, options.days, tidemark, folder)
        made = days_of_bytes(report, server, dataset, options.days, options.keep,
                             [tidemark, Restic(folder), Borg(folder)])
        walls_of_archives(report, server, dataset, tidemark, options.rounds, options.days, folder)
        walls_of_restores(report, server, tidemark, made["archives"], options.rounds, folder)
        one_table(report, server, tidemark, made["archives"][-1])
        report.say("peak memory, MiB", tidemark.peak_mib, 256, "of any of our calls above")
    finally:
        server.stop()
    print(f"{report.missed} figure(s) missed")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", choices=("A", "B", "C"), default="B")
    parser.add_argument("--scale", type=int, default=25, help="percent of the full size")
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--keep", type=int, default=0,
                        help="days that stay when each tool prunes daily; 0: all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bytes-only", action="store_true",
                        help="no peers and no walls: what long runs of days add up to")
    parser.add_argument("--folder", default=None, help="where everything is made, and removed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tidemark-bench-", dir=options.folder) as folder:
        return bench(options, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
