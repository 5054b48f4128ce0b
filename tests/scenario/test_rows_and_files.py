"""Rows and files as one recovery point: a snapshot and the inventory of its moment, and one restore
that brings both back, wherever it was killed."""

import subprocess

import pytest

from restoring import instances, role_of
from story import TIDEMARK, until
from test_files import BUCKET, REFERENCES, FilesWorld, until_next_second

RESTORE = ("restore", "orders", "--latest", "--yes", "--files")
KEYS = ("one", "two", "three \u00fc")


class Shop(FilesWorld):
    """rows, files: as they were when `point` was taken; both are damaged since."""

    def __init__(self, world, folder):
        super().__init__(world, folder)
        config = self.config.read_text()
        self.config.write_text(config + REFERENCES + "[source.orders.files]\njobs = 1\n")
        self.done("repo", "init")
        self.sql("shop", "create table attachments (id serial primary key, key text)")
        for key in KEYS:
            self.put(key, "content of " + key)
            self.sql("shop", f"insert into attachments (key) values ('{key}')")
        until_next_second()
        self.point = self.done("run", "--once")["sources"][0]["last_good"]["id"]
        self.rows, self.files = self.sql("shop", "select * from attachments"), self.state()
        until_next_second()
        for key in KEYS[:2]:
            self.put(key, "overwritten")
        self.delete(KEYS[2])
        self.put("new", "stored later")
        self.sql("shop", "delete from attachments where id = 1")
        self.sql("shop", "update attachments set key = 'never stored' where id = 2")
        self.damaged = self.state()
        until_next_second()

    def inventories(self) -> list[dict]:
        return [one for one in self.done("archives")["archives"]
                if one["source"] == "orders/files/points"]

    def check_both_are_back(self) -> None:
        assert self.sql("shop", "select * from attachments order by id") == self.rows
        assert self.state() == self.files
        until_next_second()
        archived = self.done("archive", "orders")
        assert archived["files"]["references"] == {"missing": 0, "orphaned": 0}
        self.documents("check", "orders", "--missing")


@pytest.fixture
def shop(build, tmp_path):
    world = build("--delay", "0")
    world.create("orders", DBName="shop")
    return Shop(world, tmp_path / "files")


def test_one_restore_brings_back_rows_and_files_though_it_was_killed_between(shop):
    inventory, = shop.inventories()
    taken = shop.world.snapshots()[shop.point]
    assert inventory["facts"]["snapshot"] == shop.point
    assert inventory["moment"][:19] == taken["OriginalSnapshotCreateTime"][:19]
    assert inventory["facts"]["skew_seconds"] == "0"  # the sandbox's last transaction is of then
    versions = shop.versions()

    plain = shop.tidemark("restore", "orders", "--dry-run")
    assert plain.code == 0 and "--files brings them back" in plain.out, plain
    assert f"files restore orders --at {inventory['moment']}" in plain.out, plain
    told = shop.tidemark(*RESTORE, "--dry-run", "--json")
    assert told.code == 0, told
    planned = told.json["files"]
    assert planned["inventory"] == inventory["archive"][:12] and planned["skew_seconds"] == 0
    assert (planned["copy"], planned["remove"], planned["unchanged"]) == (3, 1, 0)
    assert shop.state() == shop.damaged

    # Keys are gone through in their order: the first copy is made, and its answer never comes.
    shop.world.control("DELETE", "log")
    shop.world.faults({"action": f"PUT /{BUCKET}/one", "kind": "slow", "seconds": 60})
    killed = subprocess.Popen(
        [TIDEMARK, *RESTORE], env=shop.world.variables({"TIDEMARK_CONFIG": str(shop.config)}),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: killed.poll() is not None or
          any(f"PUT /{BUCKET}/one" in one for one in shop.world.calls()), "the first copy")
    assert killed.poll() is None
    killed.kill()
    killed.wait()
    shop.world.faults()
    assert shop.sql("shop", "select * from attachments order by id") == shop.rows
    assert shop.state() != shop.files
    assert role_of(instances(shop.world)["orders"]) == "restored open"

    again = shop.tidemark("restore", "orders", "--yes", "--json")  # which it was begun with
    assert again.code == 0, again
    assert again.json["files"]["failed"] == [] and again.json["files"]["copied"] >= 1
    assert [one["step"] for one in again.json["steps"]] == ["files", "finish"]
    shop.check_both_are_back()
    assert versions < shop.versions()

    refused = shop.tidemark(*RESTORE)
    assert refused.code == 19 and "restored already" in refused.err, refused
    back = shop.tidemark("restore", "rollback", "orders", "--dry-run")
    undo = next(line for line in back.out.splitlines() if "files restore orders --at" in line)
    shop.done("files", "restore", "orders", "--at", undo.split("--at ")[1].split("`")[0], "--yes")
    assert shop.state() == shop.damaged


def test_a_moment_without_an_inventory_is_restored_by_the_buckets_own_versions(shop):
    shop.world.faults({"action": f"GET /{BUCKET}", "kind": "error", "status": 403,
                       "code": "AccessDenied", "message": "no", "count": -1})
    point = shop.tidemark("backup", "orders", "--json")
    assert point.code == 3, point
    failed = [one for one in point.json["sources"][0]["events"] if one["error"]]
    assert [one["snapshot"] for one in failed] == ["orders/files/points"]
    name = point.json["sources"][0]["last_good"]["id"]
    assert shop.world.snapshots()[name]["Status"] == "available" and name != shop.point
    refused = shop.tidemark(*RESTORE)
    assert refused.code not in (0, 3) and "--no-files" in refused.err, refused
    assert list(instances(shop.world)) == ["orders"], "nothing was begun"
    shop.world.faults()

    until_next_second()
    shop.put("one", "worse")
    until_next_second()
    for words in (("--as", "orders-look"), ("--to-time", "latest")):
        wrong = shop.tidemark("restore", "orders", *words, "--files", "--yes")
        assert wrong.code == 2, wrong
    both = shop.tidemark(*RESTORE, "--json")
    assert both.code == 0, both
    assert both.json["plan"]["files"]["inventory"] is None
    assert shop.state() == shop.damaged, "as they were at the newest point"
    assert len(shop.inventories()) == 1
    shop.done("files", "inventory", "orders", "--point", name)
    assert [one["facts"]["snapshot"] for one in shop.inventories()].count(name) == 1
