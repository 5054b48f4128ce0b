"""Snapshots as records: states, quota, paging, types, tags, errors."""

import pytest
from sandbox_driver import code_of, message_of, until

BULK = {"instance": "paged", "prefix": "bulk", "start": "2020-01-01T00:00:00Z"}


@pytest.fixture(scope="module")
def rds(shared_records):
    return shared_records.client("rds")


@pytest.fixture(scope="module", autouse=True)
def instance(shared_records):
    shared_records.create("snapped", CopyTagsToSnapshot=True,
                          Tags=[{"Key": "team", "Value": "blue"}])


@pytest.fixture(autouse=True)
def without_faults(records):
    """Every test begins without faults and with the right time."""


def take(rds, name, **parameters):
    rds.create_db_snapshot(DBInstanceIdentifier="snapped", DBSnapshotIdentifier=name, **parameters)
    return rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]


def listed(rds, **parameters):
    pages = rds.get_paginator("describe_db_snapshots").paginate(**parameters)
    return [s["DBSnapshotIdentifier"] for page in pages for s in page["DBSnapshots"]]


def test_create_time_is_absent_while_creating(slow_records):
    rds = slow_records.client("rds")
    slow_records.create("timed")
    made = rds.create_db_snapshot(DBInstanceIdentifier="timed", DBSnapshotIdentifier="timed-1")
    assert made["DBSnapshot"]["Status"] == "creating"
    assert "SnapshotCreateTime" not in made["DBSnapshot"]
    assert "OriginalSnapshotCreateTime" not in made["DBSnapshot"]
    busy = rds.describe_db_instances(DBInstanceIdentifier="timed")["DBInstances"][0]
    assert busy["DBInstanceStatus"] == "backing-up"
    assert code_of(rds.create_db_snapshot, DBInstanceIdentifier="timed",
                   DBSnapshotIdentifier="timed-2") == "InvalidDBInstanceState"
    assert code_of(rds.delete_db_snapshot, DBSnapshotIdentifier="timed-1") == (
        "InvalidDBSnapshotState")
    done = slow_records.wait_snapshot("timed-1")
    assert done["SnapshotCreateTime"] == done["OriginalSnapshotCreateTime"]
    slow_records.wait("timed")
    rds.delete_db_snapshot(DBSnapshotIdentifier="timed-1")


def test_both_meanings_of_the_quota_are_told_apart_by_message(slow_records):
    rds = slow_records.client("rds")
    slow_records.create("counted")
    slow_records.control("POST", "snapshots", {"count": 3, "prefix": "fills"})
    call = {"DBInstanceIdentifier": "counted", "DBSnapshotIdentifier": "one-more"}
    assert code_of(rds.create_db_snapshot, **call) == "SnapshotQuotaExceeded"
    assert "manual snapshots" in message_of(rds.create_db_snapshot, **call)
    slow_records.faults({"action": "CreateDBSnapshot", "kind": "error", "status": 400,
                         "code": "SnapshotQuotaExceeded",
                         "message": "Cannot copy more than 20 snapshots across regions"})
    assert "copy" in message_of(rds.create_db_snapshot, **call)
    for n in range(3):
        rds.delete_db_snapshot(DBSnapshotIdentifier=f"fills-{n}")


def test_second_snapshot_of_a_name_is_refused(rds):
    take(rds, "twice")
    assert code_of(take, rds=rds, name="TWICE") == "DBSnapshotAlreadyExists"


def test_instance_tags_are_copied_only_when_the_call_gives_none(rds):
    assert take(rds, "without-tags")["TagList"] == [{"Key": "team", "Value": "blue"}]
    own = [{"Key": "mine", "Value": "=+@/:._-ü"}]
    assert take(rds, "with-tags", Tags=own)["TagList"] == own


@pytest.mark.parametrize("name", ["1abc", "a--b", "a-", "a_b", "", "x" * 256])
def test_bad_identifier_is_refused(rds, name):
    assert code_of(rds.create_db_snapshot, DBInstanceIdentifier="snapped",
                   DBSnapshotIdentifier=name) in ("InvalidParameterValue", "MissingParameter")


@pytest.mark.parametrize("tags", [
    [{"Key": "aws:mine", "Value": ""}],
    [{"Key": "k" * 129, "Value": ""}],
    [{"Key": "k", "Value": "v" * 257}],
    [{"Key": "semi;colon", "Value": ""}],
    [{"Key": f"k{n}", "Value": ""} for n in range(51)],
])
def test_bad_tags_are_refused_and_nothing_is_made(rds, tags):
    assert code_of(take, rds=rds, name="badly-tagged", Tags=tags) == "InvalidParameterValue"
    assert "badly-tagged" not in listed(rds)


def test_fifty_tags_of_full_length_fit(rds):
    tags = [{"Key": f"{n:02d}" + "k" * 126, "Value": "v" * 256} for n in range(50)]
    assert take(rds, "full-tags", Tags=tags)["TagList"] == tags
    arn = take(rds, "tag-by-arn")["DBSnapshotArn"]
    rds.add_tags_to_resource(ResourceName=arn, Tags=tags[:49])
    assert code_of(rds.add_tags_to_resource, ResourceName=arn, Tags=[
        {"Key": "one", "Value": ""}, {"Key": "two", "Value": ""}]) == "InvalidParameterValue"
    rds.remove_tags_from_resource(ResourceName=arn, TagKeys=[t["Key"] for t in tags[1:]])
    left = {t["Key"] for t in rds.list_tags_for_resource(ResourceName=arn)["TagList"]}
    assert left == {tags[0]["Key"], "team"}


def test_tags_of_a_missing_snapshot_are_an_error(rds):
    arn = "arn:aws:rds:eu-west-1:123456789012:snapshot:missing"
    for call, more in ((rds.list_tags_for_resource, {}),
                       (rds.add_tags_to_resource, {"Tags": [{"Key": "a", "Value": "b"}]}),
                       (rds.remove_tags_from_resource, {"TagKeys": ["a"]})):
        assert code_of(call, ResourceName=arn, **more) == "DBSnapshotNotFound"


def test_pages_of_at_most_a_hundred_hold_every_snapshot_once(rds, records):
    records.control("POST", "snapshots", BULK | {"count": 230})
    first = rds.describe_db_snapshots(DBInstanceIdentifier="paged")
    assert len(first["DBSnapshots"]) == 100 and first["Marker"]
    names = listed(rds, DBInstanceIdentifier="paged")
    assert sorted(names) == sorted(f"bulk-{n}" for n in range(230))
    small = rds.describe_db_snapshots(DBInstanceIdentifier="paged", MaxRecords=20)
    assert len(small["DBSnapshots"]) == 20
    for wrong in (19, 101):
        assert code_of(rds.describe_db_snapshots, MaxRecords=wrong) == "InvalidParameterValue"
    assert code_of(rds.describe_db_snapshots, Marker="100") == "InvalidParameterValue"


def test_a_page_stays_right_when_its_last_snapshot_is_deleted(rds, records):
    records.control("POST", "snapshots", BULK | {"count": 150, "instance": "shrinking",
                                                 "prefix": "shrink"})
    first = rds.describe_db_snapshots(DBInstanceIdentifier="shrinking")
    last = first["DBSnapshots"][-1]["DBSnapshotIdentifier"]
    rds.delete_db_snapshot(DBSnapshotIdentifier=last)
    rest = rds.describe_db_snapshots(DBInstanceIdentifier="shrinking", Marker=first["Marker"])
    assert len(rest["DBSnapshots"]) == 50 and "Marker" not in rest


def test_without_a_type_automated_and_manual_are_listed_and_others_not(rds, records):
    for kind in ("automated", "manual", "shared", "awsbackup"):
        records.control("POST", "snapshots", {"instance": "kinds", "type": kind,
                                              "identifier": f"kind-{kind}"})
    assert listed(rds, DBInstanceIdentifier="kinds") == ["kind-automated", "kind-manual"]
    assert listed(rds, DBInstanceIdentifier="kinds", SnapshotType="awsbackup") == ["kind-awsbackup"]
    filters = [{"Name": "db-instance-id", "Values": ["kinds"]},
               {"Name": "snapshot-type", "Values": ["automated"]}]
    assert listed(rds, Filters=filters) == ["kind-automated"]
    assert code_of(rds.describe_db_snapshots, Filters=[{"Name": "colour", "Values": ["x"]}]) == (
        "InvalidParameterValue")
    assert code_of(rds.delete_db_snapshot, DBSnapshotIdentifier="kind-automated") == (
        "InvalidDBSnapshotState")


def test_describe_by_arn_and_in_any_case(rds):
    arn = take(rds, "by-arn")["DBSnapshotArn"]
    for ident in (arn, "BY-ARN"):
        found = rds.describe_db_snapshots(DBSnapshotIdentifier=ident)["DBSnapshots"]
        assert [s["DBSnapshotIdentifier"] for s in found] == ["by-arn"]
    assert code_of(rds.describe_db_snapshots, DBSnapshotIdentifier="nope") == "DBSnapshotNotFound"


def test_copy_keeps_the_original_time_and_names_its_source(rds, records):
    source = take(rds, "to-copy")
    records.control("POST", "clock", {"offset_seconds": 300})
    rds.copy_db_snapshot(SourceDBSnapshotIdentifier="to-copy",
                         TargetDBSnapshotIdentifier="copied", CopyTags=True)
    copy = rds.describe_db_snapshots(DBSnapshotIdentifier="copied")["DBSnapshots"][0]
    assert copy["OriginalSnapshotCreateTime"] == source["OriginalSnapshotCreateTime"]
    assert copy["SnapshotCreateTime"] > source["SnapshotCreateTime"]
    assert copy["SourceDBSnapshotIdentifier"] == source["DBSnapshotArn"]
    assert copy["TagList"] == source["TagList"]


def test_sharing_a_snapshot_is_remembered(rds):
    take(rds, "shared-out")
    changed = rds.modify_db_snapshot_attribute(
        DBSnapshotIdentifier="shared-out", AttributeName="restore", ValuesToAdd=["111122223333"])
    seen = rds.describe_db_snapshot_attributes(DBSnapshotIdentifier="shared-out")
    attribute = {"AttributeName": "restore", "AttributeValues": ["111122223333"]}
    for answer in (changed, seen):
        assert answer["DBSnapshotAttributesResult"]["DBSnapshotAttributes"] == [attribute]


@pytest.mark.parametrize(("kind", "end"), [
    ("snapshot-stuck", "creating"), ("snapshot-failed", "failed"), ("snapshot-vanish", None)])
def test_snapshot_that_does_not_become_available(rds, records, kind, end):
    records.faults({"action": "CreateDBSnapshot", "kind": kind})
    rds.create_db_snapshot(DBInstanceIdentifier="snapped", DBSnapshotIdentifier=kind)
    if end is None:
        until(lambda: kind not in listed(rds), "the snapshot to vanish")
        return
    found = rds.describe_db_snapshots(DBSnapshotIdentifier=kind)["DBSnapshots"][0]
    assert found["Status"] == end
    assert "SnapshotCreateTime" not in found
    if end == "failed":
        rds.delete_db_snapshot(DBSnapshotIdentifier=kind)
        assert kind not in listed(rds)


def test_cluster_member_is_refused_with_the_right_advice(rds, records):
    rds.create_db_cluster(DBClusterIdentifier="aurora", Engine="aurora-postgresql",
                          MasterUsername="master", MasterUserPassword="password1")
    rds.create_db_instance(DBInstanceIdentifier="member", DBInstanceClass="db.r6g.large",
                           Engine="aurora-postgresql", DBClusterIdentifier="aurora")
    records.wait("member")
    call = {"DBInstanceIdentifier": "member", "DBSnapshotIdentifier": "of-member"}
    assert code_of(rds.create_db_snapshot, **call) == "InvalidParameterValue"
    assert "CreateDBClusterSnapshot" in message_of(rds.create_db_snapshot, **call)
    cluster = rds.describe_db_clusters(DBClusterIdentifier="aurora")["DBClusters"][0]
    members = [m["DBInstanceIdentifier"] for m in cluster["DBClusterMembers"]]
    assert members == ["member"]
    rds.create_db_cluster_snapshot(DBClusterIdentifier="aurora",
                                   DBClusterSnapshotIdentifier="whole-cluster")


def test_state_dump_agrees_with_the_api(rds, records):
    take(rds, "dumped", Tags=[{"Key": "a", "Value": "b"}])
    dumped = {s["DBSnapshotIdentifier"]: s for s in records.control("GET", "state")["snapshots"]}
    assert dumped["dumped"]["tags"] == {"a": "b"}
    visible = {n for n, s in dumped.items() if s["SnapshotType"] in ("manual", "automated")}
    assert visible == set(listed(rds))


def test_a_status_can_be_forced(rds, records):
    take(rds, "forced")
    records.control("POST", "snapshot", {"id": "forced", "status": "incompatible-restore"})
    found = rds.describe_db_snapshots(DBSnapshotIdentifier="forced")["DBSnapshots"][0]
    assert found["Status"] == "incompatible-restore"
