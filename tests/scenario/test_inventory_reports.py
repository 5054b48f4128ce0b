"""Inventories made of the reports of S3 Inventory, without a listing of the bucket."""

from datetime import UTC, datetime

import pytest

from inventory_reports import write_report
from story import set_time
from test_files import BUCKET, FILES, FilesWorld

FOLDER = "inventory/shop-files/daily/"
CONFIG = FILES + """[source.orders.files]
inventory_report = "s3://reports/inventory/shop-files/daily/"
"""


@pytest.fixture
def files(build, tmp_path):
    clock = tmp_path / "clock"
    set_time(clock, "2026-11-24 02:00:00")
    made = FilesWorld(build("--no-servers", "--delay", "0", clock=clock), tmp_path / "files")
    made.config.write_text(made.config.read_text().replace(FILES, CONFIG))
    made.done("repo", "init")
    made.s3.create_bucket(Bucket="reports", CreateBucketConfiguration={
        "LocationConstraint": made.world.environment["AWS_REGION"]})
    return made


def listings(files) -> list[str]:
    return [call for call in files.world.calls() if f"/{BUCKET}" in call and "versions" in call]


def test_a_report_takes_the_place_of_the_listing_and_says_how_old_it_is(files):
    missing = files.tidemark("files", "inventory", "orders")
    assert missing.code == 16 and "no report in s3://reports/" in missing.err, missing
    files.at()
    keys = ["a b", "a+b", "\u00fc/\u00df", 'say "hi", twice', "overwritten", "deleted"]
    for key in keys:
        files.put(key, "first of " + key)
    files.at()
    files.put("overwritten", "second")
    files.delete("deleted")
    files.at()
    set_time(files.world.clock, "2026-11-24 03:00:00")
    before = files.state()
    write_report(files.s3, BUCKET, "reports", FOLDER, datetime(2026, 11, 23, 3, tzinfo=UTC),
                 rows=[])
    write_report(files.s3, BUCKET, "reports", FOLDER, datetime(2026, 11, 24, 3, tzinfo=UTC))
    set_time(files.world.clock, "2026-11-24 21:00:00")
    files.put("stored since", "the report cannot know")

    files.world.control("DELETE", "log")
    taken = files.done("files", "inventory", "orders")
    assert taken["moment"] == "2026-11-24T03:00:00Z" and taken["files"] == len(before)
    assert "2026-11-24T03-00Z/manifest.json" in taken["report"]
    assert listings(files) == []
    shown = [one["key"] for one in files.documents("ls", "orders", "--point", taken["archive"])]
    assert sorted(shown) == sorted(before)
    set_time(files.world.clock, "2026-11-24 21:00:05")
    files.done("files", "restore", "orders", "--point", taken["archive"], "--yes")
    assert files.state() == before

    files.world.create("orders")
    point = files.done("run", "--once")["sources"][0]["last_good"]
    status = files.done("status")["sources"][0]
    assert [one["newest_moment"] for one in status["archives"]] == ["2026-11-24T03:00:00Z"]
    known, = [one for one in files.done("archives")["archives"]
              if one["facts"].get("snapshot") == point["id"]]
    assert int(known["facts"]["skew_seconds"]) < -18 * 3600
    again = files.done("run", "--once")
    assert all(one["act"] != "archive" for one in again["sources"][0]["events"]), "taken twice"


def test_reports_that_cannot_be_believed_are_refused_by_name(files):
    files.put("a", "content")
    began = datetime(2026, 11, 24, 1, tzinfo=UTC)
    write_report(files.s3, BUCKET, "reports", FOLDER, began, form="ORC")
    other = files.tidemark("files", "inventory", "orders")
    assert "in the format ORC" in other.err and "to CSV" in other.err, other
    write_report(files.s3, BUCKET, "reports", FOLDER, began, files=1)
    data = f"{FOLDER}data/202611240100-0.csv.gz"
    content = files.s3.get_object(Bucket="reports", Key=data)["Body"].read()
    for spoilt in (content[:-1], content[:-1] + b"x", content + b"x"):
        files.s3.put_object(Bucket="reports", Key=data, Body=spoilt)
        refused = files.tidemark("files", "inventory", "orders")
        assert refused.code not in (0, 3) and data in refused.err, refused
    assert files.done("archives")["archives"] == []
