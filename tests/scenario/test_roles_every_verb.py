"""Every command of the program runs under exactly the roles that the table names for it, as the
program prints them, and AWS refuses it nothing. What asks AWS nothing runs without any way to it.
"""

import json
import re
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from archiving import CONFIG as ARCHIVING
from roles import ACCOUNT, FILES, REPOSITORY, printed
from restoring import instances
from split_credentials import ENFORCED, Keys
from story import PASSWORD, ROOT, TIDEMARK, World, command, psql, set_time
from verb_roles import ANYBODY, NO_AWS, ROLES, case_of, commands

AWS = f"""
[aws]
region = "eu-west-1"
account = "{ACCOUNT}"
"""
POLICIES = """
[policy.default]
schedule = "daily"
keep = { daily = 2 }
keep_min = 1
grace = "1d"
[policy.archives]
schedule = "weekly"
keep = { last = 1 }
keep_min = 1
"""
# For commands that need more to be asked than their names, and fail without AWS for no reason.
WITHOUT_AWS = {
    "schedule preview": ["daily", "-n", "2"],
    "retention simulate": ["--keep", "daily=7", "--for", "30d"],
    "config init": [], "config check": [], "config show": [], "iam": ["pruner"],
    "completion": ["bash"], "man": ["restore"], "version": []}


class Tried:
    """Runs each command with the keys of its roles, and knows which lines of the table it ran."""

    def __init__(self, world: World):
        self.world, self.keys = world, Keys(world, TIDEMARK)
        self.cases: set[str] = set()

    def do(self, *words: str, codes: tuple[int, ...] = (0,), **changes: str):
        case = case_of(words)
        assert case, words
        variables = self.world.variables(changes)
        outcome = self.world.tidemark(*words, **changes, **self.keys.of(words, variables))
        assert outcome.code in codes, (words, outcome)
        self.keys.check_nothing_was_refused(variables | self.keys.of(words, variables))
        self.cases.add(case)
        return outcome

    def ask(self, *words: str, **changes: str):
        return json.loads(self.do(*words, "--json", **changes).out.splitlines()[-1])


def make_buckets(world: World) -> None:
    s3 = world.client("s3")
    for bucket, role in ((FILES, "files-bucket"), (REPOSITORY, "repo-bucket")):
        s3.create_bucket(Bucket=bucket,
                         CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(printed(world, role)))


def keys_below(world: World, prefix: str) -> set[str]:
    pages = world.client("s3").get_paginator("list_objects_v2").paginate(
        Bucket=REPOSITORY, Prefix=f"repo/{prefix}")
    return {one["Key"] for page in pages for one in page.get("Contents", [])}


# -- without servers, at times that the story chooses ---------------------------------------------

@pytest.fixture(scope="module")
def on_records(tmp_path_factory) -> Tried:
    folder = tmp_path_factory.mktemp("records")
    set_time(folder / "clock", "2026-11-20 02:00:00")
    world = World(folder / "w", "--no-servers", "--delay", "0", *ENFORCED, clock=folder / "clock")
    try:
        configure(world, folder)
        world.create("orders")
        make_buckets(world)
        tried = Tried(world)
        keys(tried, folder)
        files(tried, folder)
        archives(tried)
        points(tried)
        tried.do("doctor", codes=(0, 14))
        tried.do("whoami")
        new_key = str(folder / "new.key")
        tried.do("key", "rekey", "--new-key-file", new_key, "--yes")
        configure(world, folder, key=f'key_file = "{new_key}"')
        tried.do("repo", "info")
        without_aws(tried)
        yield tried
    finally:
        world.down()


def configure(world: World, folder: Path, key: str = "", thin: str = "false") -> Path:
    key = key or f'key_file = "{folder}/repository.key"'
    world.config.write_text(
        f'thin = {thin}\n{AWS}[repository]\nurl = "s3://{REPOSITORY}/repo"\ngrace = "1d"\n'
        f'policy = "archives"\n{key}\n[source.orders]\nbucket = "{FILES}"\n{POLICIES}')
    return world.config


def at(world: World, day: int, hour: int = 2) -> str:
    moment = f"2026-11-{day:02} {hour:02}:00:00"
    set_time(world.clock, moment)
    return moment.replace(" ", "T") + "Z"


def keys(tried: Tried, folder: Path) -> None:
    passwords = [folder / "second", folder / "third"]
    for path in passwords:
        path.touch(mode=0o600)
        path.write_text(f"a long {path.name} password\n")
    tried.do("repo", "init")
    tried.do("repo", "stats")
    tried.do("key", "add", "--password-file", str(passwords[0]))
    tried.do("key", "recovery-sheet")
    configure(tried.world, folder, key=f'password_file = "{passwords[0]}"')
    tried.do("key", "change-password", "--password-file", str(passwords[1]))
    configure(tried.world, folder)
    listed = {one["kind"]: one["key"] for one in tried.ask("key", "list")["keys"]}
    assert len(listed) == 3, listed
    for kind, key in listed.items():
        if kind != "key file":
            tried.do("key", "remove", key, "--yes")
    assert len(tried.ask("key", "list")["keys"]) == 1


def files(tried: Tried, folder: Path) -> None:
    world, s3 = tried.world, tried.world.client("s3")

    def content(key: str) -> bytes:
        return s3.get_object(Bucket=FILES, Key=key)["Body"].read()

    for key in ("changed", "deleted"):
        s3.put_object(Bucket=FILES, Key=key, Body=b"before", Tagging="kind=bill")
    moment = at(world, 20, 3)
    point = tried.ask("files", "inventory", "orders")["archive"]
    for hour, when in ((5, ["--at", moment]), (8, ["--point", point])):
        at(world, 20, hour - 1)
        s3.put_object(Bucket=FILES, Key="changed", Body=b"after")
        s3.delete_object(Bucket=FILES, Key="deleted")
        at(world, 20, hour)
        assert "deleted" in tried.do("files", "ls", "orders", *when).out
        assert "deleted" in tried.do("files", "diff", "orders", *when).out
        assert tried.do("files", "cat", "orders", "changed", *when).out == "before"
        tried.do("files", "get", "orders", "changed", str(folder / "got"), *when)
        assert (folder / "got").read_text() == "before"
        tried.do("files", "restore", "orders", *when, "--to", str(folder / f"to-{hour}"))
        at(world, 20, hour + 1)
        tried.do("files", "restore", "orders", *when, "--yes")
        assert content("changed") == content("deleted") == b"before"
    assert tried.do("files", "history", "orders", "changed").out


def archives(tried: Tried) -> None:
    """Three inventories: one that the policy does not keep, one that is forgotten, and the last."""
    world = tried.world
    for hour in (11, 12):
        at(world, 20, hour)
        tried.do("files", "inventory", "orders")
    listed = tried.ask("archives")["archives"]
    names = [one["archive"] for one in sorted(listed, key=lambda one: one["moment"])]
    tried.do("hold", names[0], "--reason", "audit")
    tried.do("release", names[0])
    tried.do("archives", "forget", names[1], "--yes")
    tried.do("archives", "prune", "--yes")
    condemned = [one["archive"] for one in tried.ask("archives")["archives"]
                 if one["condemned_at"]]
    assert len(condemned) == 2, condemned
    for words in (["check"], ["verify"], ["repair"]):
        tried.do(*words)
    before = keys_below(world, "manifests/")
    at(world, 22)
    tried.do("archives", "prune", "--yes")
    assert len(tried.ask("archives")["archives"]) == 1
    assert len(before - keys_below(world, "manifests/")) == 2
    assert tried.ask("check")["sound"] is True


def points(tried: Tried) -> None:
    world = tried.world
    for day in range(22, 27):
        at(world, day)
        tried.do("run", "--once")
    tried.do("backup")
    taken = [one["id"] for one in tried.ask("list")["points"]]
    for words in (["status"], ["plan"], ["show", taken[0]]):
        tried.do(*words)
    tried.do("hold", taken[0], "--reason", "audit")
    tried.do("release", taken[0])
    tried.do("prune", "--yes")
    condemned = {name for name, one in world.snapshots().items()
                 if "tidemark:condemned" in one["tags"]}
    assert condemned
    at(world, 28)
    tried.do("run", "--once")
    assert condemned <= world.snapshots().keys()
    tried.do("prune", "--yes")
    assert not condemned & world.snapshots().keys()
    # The daemon does the same by itself.
    for day in (29, 30):
        configure(world, world.config.parent.parent, thin="true")
        at(world, day)
        tried.do("run", "--once")
    assert any("tidemark:condemned" in one["tags"] for one in world.snapshots().values())


def without_aws(tried: Tried) -> None:
    nowhere = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None,
               "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    for case, more in WITHOUT_AWS.items():
        assert ROLES[case] is NO_AWS
        outcome = tried.world.tidemark(*case.split(), *more, **nowhere)
        assert outcome.code == 0, (case, outcome)
        tried.cases.add(case)
    health = tried.world.tidemark("health", **nowhere)
    assert "daemon" in health.err, health  # there is none, and that is all that it says
    tried.cases.add("health")


# -- with a server --------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def on_servers(tmp_path_factory) -> Tried:
    folder = tmp_path_factory.mktemp("servers")
    world = World(folder / "w", "--delay", "0", *ENFORCED)
    try:
        (folder / "password").touch(mode=0o600)
        (folder / "password").write_text(PASSWORD + "\n")
        plain = ARCHIVING.format(url=f"s3://{REPOSITORY}/repo", folder=folder,
                                 ca=world.environment["SANDBOX_CA"])
        world.config.write_text(AWS + plain.replace(
            "[source.orders]\n", f'[source.orders]\nbucket = "{FILES}"\n')
            + '[source.orders.references]\nsql = "select key from attachments"\n'
              '[source.orders.archive]\ndatabases = ["shop"]\npolicy = "archives"\n' + POLICIES)
        world.create("orders", DBName="shop", BackupRetentionPeriod=1)
        make_buckets(world)
        tried = Tried(world)
        database(tried, folder)
        instance(tried)
        yield tried
    finally:
        world.down()


def database(tried: Tried, folder: Path) -> None:
    world = tried.world
    url = command("psql-url", "--dir", world.folder, "--instance", "orders").stdout.strip()
    psql(url, "create table attachments as select 'bill' as key")
    world.client("s3").put_object(Bucket=FILES, Key="bill", Body=b"1")
    tried.do("repo", "init")
    tried.do("run", "--once")  # with an archive and a prune of the repository in it
    archive = tried.ask("archive", "orders")["archive"]
    assert tried.ask("files", "check", "orders")["missing"] == 0
    tried.do("download", archive, "-o", str(folder / "download"))
    for database, more in (("rows", []), ("both", ["--files", "--yes"])):
        psql(url, f'create database "{database}"')
        fresh = urlsplit(url)._replace(path="/" + quote(database)).geturl()
        tried.do("restore", archive, "--to", fresh, *more)
        assert psql(fresh, "select key from attachments") == "bill"
    sources = {one["source"] for one in tried.ask("archives")["archives"]}
    assert sources == {"orders/shop", "orders/files", "orders/files/points"}
    tried.do("status")
    tried.do("plan")


def instance(tried: Tried) -> None:
    """With checks: somebody has to connect, and the point says what was in it."""
    world = tried.world
    tried.do("restore", "orders", "--yes", codes=(0, 3))
    tried.do("restore", "status", "orders")
    tried.do("restore", "rollback", "orders", "--yes")
    tried.do("restore", "orders", "--yes", codes=(0, 3))
    tried.do("restore", "retire", "orders", "--yes")
    assert list(instances(world)) == ["orders"]


# -- what is shown --------------------------------------------------------------------------------

def test_the_table_has_every_command_of_the_program(build):
    world = build("--no-servers", "--delay", "0")
    listed = world.tidemark("--help").out.partition("commands:\n")[2].partition("\n\n")[0]
    assert {re.split(r"  +", line.strip())[0] for line in listed.splitlines()} == commands()


def test_every_command_runs_under_exactly_its_roles(on_records, on_servers):
    assert on_records.cases | on_servers.cases == set(ROLES)


def test_the_manual_has_the_same_table():
    page = (ROOT / "docs/manual/permissions.md").read_text()
    table = page.partition("## What each verb needs")[2].partition("\n## ")[0]
    told = {}
    for line in table.splitlines():
        if not line.startswith("| `"):
            continue
        verbs, roles = (re.findall(r"`([^`]+)`", cell) for cell in line.split("|")[1:3])
        for verb in verbs:
            told[verb] = tuple(roles)
    assert told == {case: roles or () for case, roles in ROLES.items() if roles not in (
        NO_AWS, ANYBODY)}
