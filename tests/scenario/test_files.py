"""The files of a bucket beside the database: inventories, and the bucket as it was.

boto3 puts the files there and looks at what became of them; Tidemark's own word counts for nothing.
"""

import json

import pytest

from archiving import ArchiveWorld
from story import set_time

BUCKET = "shop-files"
FILES = f"""
[repository]
url = "{{folder}}/repository"
key_file = "{{folder}}/repository.key"

[source.orders]
bucket = "{BUCKET}"
"""


class FilesWorld(ArchiveWorld):
    def __init__(self, world, folder):
        super().__init__(world, folder)
        self.config.write_text(FILES.format(folder=folder))
        self.s3 = world.client("s3")
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={
            "LocationConstraint": world.environment["AWS_REGION"]})
        self.s3.put_bucket_versioning(Bucket=BUCKET,
                                      VersioningConfiguration={"Status": "Enabled"})
        self.seconds = 0

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
