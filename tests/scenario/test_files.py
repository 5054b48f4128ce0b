"""The files of a bucket beside the database: inventories, and the bucket as it was.

boto3 puts the files there and looks at what became of them; Tidemark's own word counts for nothing.
"""

import json
import time

import pytest

from archiving import ArchiveWorld
from restoring import AtThePrompt
from story import set_time, until

BUCKET = "shop-files"
FILES = """
bucket = "shop-files"
"""
REFERENCES = """
[source.orders.references]
sql = "select key from attachments"
database = "shop"
[source.orders.archive]
databases = ["shop"]
"""


class FilesWorld(ArchiveWorld):
    def __init__(self, world, folder):
        super().__init__(world, folder)
        plain = self.config.read_text()
        self.config.write_text(plain.replace("[source.orders]\n", "[source.orders]" + FILES))
        self.s3 = world.client("s3")
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={
            "LocationConstraint": world.environment["AWS_REGION"]})
        self.s3.put_bucket_versioning(Bucket=BUCKET,
                                      VersioningConfiguration={"Status": "Enabled"})
        self.seconds = 0

    def variables(self, changes: dict[str, str], words=()) -> dict[str, str]:
        return self.world.variables(changes | {"TIDEMARK_CONFIG": str(self.config)}, words)

    def at(self) -> str:
        """The next second, which everything happens in from now on."""
        self.seconds += 1
        moment = f"2026-11-24 02:{self.seconds // 60:02}:{self.seconds % 60:02}"
        set_time(self.world.clock, moment)
        return moment.replace(" ", "T") + "Z"

    def put(self, key: str, body: str, **more) -> str:
        return self.s3.put_object(Bucket=BUCKET, Key=key, Body=body.encode(), **more)["VersionId"]

    def delete(self, key: str) -> None:
        self.s3.delete_object(Bucket=BUCKET, Key=key)

    def state(self) -> dict[str, bytes]:
        listed = self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {one["Key"]: self.s3.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read()
                for one in listed}

    def versions(self) -> set[tuple[str, str]]:
        pages = self.s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET)
        return {(one["Key"], one["VersionId"]) for page in pages
                for one in page.get("Versions", []) + page.get("DeleteMarkers", [])}

    def documents(self, *words: str, code: int = 0) -> list[dict]:
        """A document a file, and the last one of all."""
        outcome = self.tidemark("files", *words, "--json")
        assert outcome.code == code, outcome
        return [json.loads(line) for line in outcome.out.splitlines()]

    def lines(self, *words: str) -> list[str]:
        outcome = self.tidemark("files", *words)
        assert outcome.code == 0, outcome
        return outcome.out.splitlines()


def until_next_second() -> None:
    """S3 and archives tell times in whole seconds."""
    begin = int(time.time())
    until(lambda: int(time.time()) > begin, "the next second")


@pytest.fixture
def files(build, tmp_path):
    clock = tmp_path / "clock"
    set_time(clock, "2026-11-24 02:00:00")
    made = FilesWorld(build("--no-servers", "--delay", "0", clock=clock), tmp_path / "files")
    made.done("repo", "init")
    return made


def test_the_bucket_is_again_what_it_was_and_no_version_is_lost(files):
    files.at()
    files.put("kept", "as ever")
    files.put("changed", "before", Metadata={"owner": "anna"}, ContentType="text/x-one",
              Tagging="kind=bill")
    files.put("deleted", "before")
    before = files.state()
    moment = files.at()
    inventory = files.done("files", "inventory", "orders")
    assert inventory["files"] == 3
    files.at()
    files.put("changed", "after")
    files.delete("deleted")
    files.put("new", "after")
    after, versions = files.state(), files.versions()
    again = files.at()
    files.at()

    assert [line.split()[-1] for line in files.lines("ls", "orders", "--at", moment)] == \
        sorted(before)
    assert [line.split()[-1] for line in files.lines("ls", "orders", "--point",
                                                     inventory["archive"])] == sorted(before)
    planned = files.documents("restore", "orders", "--at", moment, "--dry-run")
    assert [(one["act"], one["key"]) for one in planned[:-1]] == \
        [("copy", "changed"), ("copy", "deleted"), ("remove", "new")]
    assert files.state() == after
    done = files.done("files", "restore", "orders", "--at", moment, "--yes")
    assert done["plan"]["copy"] == 2 and done["plan"]["remove"] == 1
    assert files.state() == before
    assert versions < files.versions()
    head = files.s3.head_object(Bucket=BUCKET, Key="changed")
    assert head["Metadata"] == {"owner": "anna"} and head["ContentType"] == "text/x-one"
    tags = files.s3.get_object_tagging(Bucket=BUCKET, Key="changed")["TagSet"]
    assert tags == [{"Key": "kind", "Value": "bill"}]

    files.at()
    assert files.done("files", "restore", "orders", "--point", inventory["archive"],
                      "--yes")["plan"]["copy"] == 0
    files.done("files", "restore", "orders", "--at", again, "--yes")
    assert files.state() == after


def test_rows_and_files_come_back_together(build, tmp_path):
    world = build("--delay", "0")
    world.create("orders", DBName="shop")
    shop = FilesWorld(world, tmp_path / "files")
    shop.config.write_text(shop.config.read_text() + REFERENCES)
    shop.done("repo", "init")
    shop.sql("shop", "create table attachments (id serial primary key, key text)")
    for name in ("one", "two/deep", "three \u00fc"):
        shop.put(name, "content of " + name)
        shop.sql("shop", f"insert into attachments (key) values ('{name}')")
    shop.put("orphan", "named by no row")
    until_next_second()
    point = shop.done("archive", "orders")
    assert point["files"]["files"] == 4 and point["files"]["skew_seconds"] == 0
    assert point["files"]["references"] == {"missing": 0, "orphaned": 1}
    assert shop.documents("check", "orders")[0]["key"] == "orphan"
    rows, files = shop.sql("shop", "select * from attachments order by id"), shop.state()

    until_next_second()
    shop.put("one", "overwritten")
    shop.delete("two/deep")
    shop.put("four", "new")
    shop.sql("shop", "delete from attachments where id = 1; insert into attachments (key) "
             "values ('four'), ('never stored')")
    until_next_second()
    worse = shop.done("archive", "orders")
    assert worse["files"]["references"] == {"missing": 2, "orphaned": 2}
    broken = shop.documents("check", "orders", "--missing", code=14)
    assert [one["key"] for one in broken[:-1]] == ["never stored", "two/deep"]
    status = shop.tidemark("status", "--json")
    assert "2 files that rows name were not there" in status.out, status

    refused = shop.tidemark("restore", "orders/files", "--to", shop.fresh("back"))
    assert refused.code == 2 and "files restore" in refused.err, refused
    until_next_second()
    asked = AtThePrompt(shop, ["restore", point["archive"], "--to", shop.fresh("back"), "--files"])
    since = {"one": b"stored since it was asked", "five": b"nobody agreed to undo it"}
    for key, body in since.items():
        shop.put(key, body.decode())
    code, shown = asked.answer("orders")
    assert code == 3 and "2 files changed since the plan" in shown, shown
    assert shop.sql("back", "select * from attachments order by id") == rows
    assert shop.state() == files | since
    both = shop.tidemark("restore", point["archive"], "--to", shop.fresh("back"), "--files", "--yes")
    assert both.code == 0, both
    assert shop.sql("back", "select * from attachments order by id") == rows
    assert shop.state() == files
    names = shop.sql("back", "select key from attachments").splitlines()
    assert names and all(name in shop.state() for name in names)


def test_the_daemons_round_takes_an_inventory_after_the_archive(build, tmp_path):
    world = build("--delay", "0")
    world.create("orders", DBName="shop")
    shop = FilesWorld(world, tmp_path / "files")
    shop.config.write_text(shop.config.read_text() + REFERENCES)
    shop.done("repo", "init")
    shop.sql("shop", "create table attachments (key text)")
    shop.put("one", "content")
    passed = shop.tidemark("run", "--once", "--json")
    assert passed.code == 0, passed
    archives = {one["source"]: one for one in shop.done("archives")["archives"]}
    assert set(archives) == {"orders/shop", "orders/files", "orders/files/points"}
    inventory = archives["orders/files"]
    assert inventory["facts"]["point"] == archives["orders/shop"]["archive"]
    assert inventory["moment"] == archives["orders/shop"]["moment"]
    assert inventory["facts"]["skew_seconds"] == "0"
    again = shop.tidemark("run", "--once", "--json")
    assert again.code == 0, again
    assert len(shop.done("archives")["archives"]) == 3


def test_nothing_is_restored_where_versioning_is_off(files):
    files.at()
    files.put("a", "before")
    moment = files.at()
    files.put("a", "after")
    files.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    before = files.versions()
    refused = files.tidemark("files", "restore", "orders", "--at", moment, "--yes")
    assert refused.code == 19 and "suspended" in refused.err, refused
    assert files.versions() == before


def test_lost_and_cold_files_are_named_before_anything_starts(files):
    files.at()
    gone = files.put("gone", "before")
    files.put("cold", "before", StorageClass="GLACIER")
    files.put("warm", "before")
    point = files.done("files", "inventory", "orders")["archive"]
    files.at()
    for key in ("gone", "cold", "warm"):
        files.put(key, "after")
    files.s3.delete_object(Bucket=BUCKET, Key="gone", VersionId=gone)
    files.at()
    after = files.state()
    refused = files.tidemark("files", "restore", "orders", "--point", point, "--yes")
    assert refused.code == 16 and files.state() == after, refused
    assert "lost" in refused.out and "gone" in refused.out and "cold" in refused.out
    files.documents("restore", "orders", "--point", point, "--yes", "--partial", code=3)
    state = files.state()
    assert state["warm"] == b"before" and state["gone"] == b"after"


def test_cold_files_are_asked_for_waited_for_and_fetched(files, tmp_path):
    files.at()
    files.put("cold", "of old", StorageClass="GLACIER")
    files.put("warm", "of new")
    moment, folder = files.at(), str(tmp_path / "back")
    words = ("restore", "orders", "--at", moment, "--to", folder)
    assert files.documents(*words, code=3)[-1]["cold"] == 1
    alone = files.tidemark("files", *words, "--wait")
    assert alone.code == 2 and "--thaw" in alone.err, alone
    asked, fetched = files.documents(*words, "--thaw", "--wait", "--yes")[-2:]
    assert asked["asked"] == 1 and fetched["written"] == 1 and fetched["there_before"] == 1
    assert (tmp_path / "back" / "cold").read_text() == "of old"


def test_an_inventory_is_not_applied_to_what_it_does_not_cover(files):
    plain = files.config.read_text()
    files.config.write_text(plain.replace(FILES, FILES + 'prefix = "live/"\n'))
    files.at()
    files.put("live/a", "before")
    files.put("other/b", "before")
    files.at()
    point = files.done("files", "inventory", "orders")["archive"]
    files.at()
    files.put("live/a", "after")
    files.at()
    after = files.state()
    files.config.write_text(plain)
    for words in (["restore", "orders", "--yes", "--point"], ["ls", "orders", "--point"],
                  ["diff", "orders", "--point"]):
        wider = files.tidemark("files", *words, point)
        assert wider.code == 19 and "covers no more than the prefix live/" in wider.err, wider
    files.config.write_text(plain.replace(BUCKET, "another"))
    files.s3.create_bucket(Bucket="another", CreateBucketConfiguration={
        "LocationConstraint": files.world.environment["AWS_REGION"]})
    files.s3.put_bucket_versioning(Bucket="another", VersioningConfiguration={"Status": "Enabled"})
    elsewhere = files.tidemark("files", "restore", "orders", "--point", point, "--yes")
    assert elsewhere.code == 19 and "s3://another" in elsewhere.err, elsewhere
    assert files.state() == after
    files.config.write_text(plain)
    files.done("files", "restore", "orders", "--point", point, "--prefix", "live/", "--yes")
    assert files.state() == {"live/a": b"before", "other/b": b"before"}


def test_a_file_that_s3_refuses_does_not_keep_the_others_from_coming_back(files):
    files.at()
    for key in ("a", "b", "c"):
        files.put(key, "before")
    moment = files.at()
    files.at()
    for key in ("a", "b", "c"):
        files.put(key, "after")
    files.at()
    files.world.faults({"action": f"HEAD /{BUCKET}/b", "kind": "error", "status": 400,
                        "code": "InvalidRequest", "message": "no", "count": -1})
    part = files.tidemark("files", "restore", "orders", "--at", moment, "--yes")
    assert part.code == 3 and "failed  b" in part.out and "to undo it" in part.out, part
    assert files.state() == {"a": b"before", "b": b"after", "c": b"before"}
    files.world.faults()
    files.done("files", "restore", "orders", "--at", moment, "--yes")
    assert set(files.state().values()) == {b"before"}


def test_hostile_keys_go_into_a_folder_and_nowhere_else(files, tmp_path):
    keys = ["../x", "a", "a/b", "a//b", "/x", "..", "a/", "tab\there", "%", "x" * 1024]
    for key in keys:
        files.put(key, "content of " + key)
    folder = tmp_path / "out" / "files"
    folder.parent.mkdir()
    fetched = files.done("files", "restore", "orders", "--at", files.at(), "--to", str(folder))
    assert fetched["written"] == len(keys) and fetched["failed"] == []
    assert [one.name for one in folder.parent.iterdir()] == ["files"]
    found = [one.read_text() for one in folder.rglob("*") if one.is_file()]
    assert sorted(found) == sorted("content of " + key for key in keys)
    assert (folder / "%2E%2E%d" / "x").read_text() == "content of ../x"
    assert (folder / "a%d" / "b").read_text() == "content of a/b"
    again = files.done("files", "restore", "orders", "--at", files.at(), "--to", str(folder))
    assert again["written"] == 0 and again["there_before"] == len(keys)


def test_one_file_is_read_as_it_was_and_its_history_is_told(files, tmp_path):
    files.at()
    files.put("bill", "first")
    files.put("bill 2", "another key that begins so")
    moment = files.at()
    files.at()
    files.put("bill", "second")
    files.at()
    files.delete("bill")
    assert files.tidemark("files", "cat", "orders", "bill", "--at", moment).out == "first"
    files.done("files", "get", "orders", "bill", str(tmp_path / "bill"), "--at", moment)
    assert (tmp_path / "bill").read_text() == "first"
    assert files.tidemark("files", "cat", "orders", "bill").code == 16
    told = files.lines("history", "orders", "bill")
    assert [line.split()[0] for line in told] == ["deleted", "stored", "stored"]
    changes = files.documents("diff", "orders", "--at", moment)
    assert [(one["act"], one["key"]) for one in changes[:-1]] == [("-", "bill")]


def test_a_file_that_came_in_parts_keeps_its_etag_metadata_and_tags(files, tmp_path):
    files.at()
    upload = files.s3.create_multipart_upload(Bucket=BUCKET, Key="large", Tagging="kind=film",
                                              Metadata={"owner": "anna"})["UploadId"]
    parts = []
    for number, size in ((1, 6 << 20), (2, 5 << 20), (3, 1000)):
        part = files.s3.upload_part(Bucket=BUCKET, Key="large", UploadId=upload,
                                    PartNumber=number, Body=bytes([number]) * size)
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    files.s3.complete_multipart_upload(Bucket=BUCKET, Key="large", UploadId=upload,
                                       MultipartUpload={"Parts": parts})
    before = files.s3.head_object(Bucket=BUCKET, Key="large")
    moment = files.at()
    files.at()
    files.put("large", "small")
    files.at()
    files.done("files", "restore", "orders", "--at", moment, "--yes")
    after = files.s3.head_object(Bucket=BUCKET, Key="large")
    assert after["ETag"] == before["ETag"] and after["ETag"].endswith('-3"')
    assert after["ContentLength"] == before["ContentLength"]
    assert after["Metadata"] == {"owner": "anna"}
    assert files.s3.get_object_tagging(Bucket=BUCKET, Key="large")["TagSet"] == \
        [{"Key": "kind", "Value": "film"}]
    assert files.documents("restore", "orders", "--at", moment, "--dry-run")[-1]["plan"]["copy"] == 0
    files.done("files", "restore", "orders", "--at", moment, "--to", str(tmp_path / "back"))
    assert (tmp_path / "back" / "large").stat().st_size == before["ContentLength"]
