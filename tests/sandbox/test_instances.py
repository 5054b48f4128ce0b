"""Instances as records: shape, defaults, changes that wait, restores that fall back, deletion."""

import pytest
from sandbox_driver import code_of

RICH = {
    "MultiAZ": True, "DeletionProtection": True, "MonitoringInterval": 30,
    "MonitoringRoleArn": "arn:aws:iam::123456789012:role/monitor", "MaxAllocatedStorage": 100,
    "EnablePerformanceInsights": True, "PerformanceInsightsRetentionPeriod": 31,
    "VpcSecurityGroupIds": ["sg-1", "sg-2"], "PubliclyAccessible": False, "StorageType": "io1",
    "Iops": 3000, "StorageThroughput": 500, "StorageEncrypted": True,
    "KmsKeyId": "arn:aws:kms:eu-west-1:123456789012:key/k", "CopyTagsToSnapshot": True,
    "PreferredBackupWindow": "01:00-02:00", "PreferredMaintenanceWindow": "sun:05:00-sun:05:30",
    "EnableCloudwatchLogsExports": ["postgresql"], "EnableIAMDatabaseAuthentication": True,
    "CACertificateIdentifier": "rds-ca-ecc384-g1", "BackupRetentionPeriod": 9,
    "Tags": [{"Key": "app", "Value": "shop"}], "Port": 6543, "AutoMinorVersionUpgrade": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def rds(shared_records):
    return shared_records.client("rds")


@pytest.fixture(autouse=True)
def without_faults(records):
    """Every test begins without faults and with the right time."""


def described(rds, name):
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


@pytest.fixture(scope="module")
def rich(rds, shared_records):
    rds.create_db_parameter_group(DBParameterGroupName="tuned", Description="d",
                                  DBParameterGroupFamily="postgres15")
    shared_records.create("rich", DBParameterGroupName="tuned", **RICH)
    return described(rds, "rich")


def test_everything_given_is_shown(rich):
    same = set(RICH) - {"VpcSecurityGroupIds", "EnablePerformanceInsights", "Tags", "Port",
                        "EnableCloudwatchLogsExports", "EnableIAMDatabaseAuthentication"}
    assert {k: rich[k] for k in same} == {k: RICH[k] for k in same}
    assert [g["VpcSecurityGroupId"] for g in rich["VpcSecurityGroups"]] == ["sg-1", "sg-2"]
    assert rich["PerformanceInsightsEnabled"] and rich["IAMDatabaseAuthenticationEnabled"]
    assert rich["EnabledCloudwatchLogsExports"] == ["postgresql"]
    assert rich["DBParameterGroups"][0]["DBParameterGroupName"] == "tuned"
    assert rich["TagList"] == RICH["Tags"]
    assert rich["Endpoint"]["Port"] == 6543
    assert rich["PendingModifiedValues"] == {}


def test_resource_ids_are_unique(rds, records):
    records.create("one")
    records.create("two")
    ids = [i["DbiResourceId"] for i in rds.describe_db_instances()["DBInstances"]]
    assert len(set(ids)) == len(ids)


def test_restore_falls_back_to_defaults(rds, records, rich):
    rds.create_db_snapshot(DBInstanceIdentifier="rich", DBSnapshotIdentifier="of-rich")
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="restored",
                                             DBSnapshotIdentifier="of-rich")
    restored = records.wait("restored")
    assert restored["DbiResourceId"] != rich["DbiResourceId"]
    assert restored["DBParameterGroups"][0]["DBParameterGroupName"] == "default.postgres15"
    assert [g["VpcSecurityGroupId"] for g in restored["VpcSecurityGroups"]] == ["sg-default"]
    lost = {"MultiAZ": False, "DeletionProtection": False, "MonitoringInterval": 0,
            "PerformanceInsightsEnabled": False, "PubliclyAccessible": True,
            "CopyTagsToSnapshot": False, "AssociatedRoles": []}
    assert {k: restored[k] for k in lost} == lost
    assert "MaxAllocatedStorage" not in restored
    kept = ("StorageEncrypted", "KmsKeyId", "BackupRetentionPeriod", "AllocatedStorage",
            "MasterUsername", "DBName", "DBInstanceClass", "TagList")
    assert {k: restored[k] for k in kept} == {k: rich[k] for k in kept}


def test_restore_takes_what_the_call_gives(rds, records, rich):
    rds.create_db_snapshot(DBInstanceIdentifier="rich", DBSnapshotIdentifier="of-rich-2")
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="as-before", DBSnapshotIdentifier="of-rich-2", MultiAZ=True,
        DBParameterGroupName="tuned", PubliclyAccessible=False, DeletionProtection=True,
        VpcSecurityGroupIds=["sg-9"], Tags=[{"Key": "new", "Value": ""}])
    restored = records.wait("as-before")
    assert restored["MultiAZ"] and restored["DeletionProtection"]
    assert not restored["PubliclyAccessible"]
    assert restored["TagList"] == [{"Key": "new", "Value": ""}]
    assert restored["VpcSecurityGroups"][0]["VpcSecurityGroupId"] == "sg-9"


def test_restore_refuses_what_does_not_exist(rds, rich):
    call = {"DBInstanceIdentifier": "never", "DBSnapshotIdentifier": "of-nothing"}
    assert code_of(rds.restore_db_instance_from_db_snapshot, **call) == "DBSnapshotNotFound"
    rds.create_db_snapshot(DBInstanceIdentifier="rich", DBSnapshotIdentifier="of-rich-3")
    call["DBSnapshotIdentifier"] = "of-rich-3"
    for wrong, code in (({"DBParameterGroupName": "no"}, "DBParameterGroupNotFound"),
                        ({"OptionGroupName": "no"}, "OptionGroupNotFoundFault"),
                        ({"DBSubnetGroupName": "no"}, "DBSubnetGroupNotFoundFault"),
                        ({"DBInstanceIdentifier": "rich"}, "DBInstanceAlreadyExists"),
                        ({"AllocatedStorage": 5}, "InvalidParameterCombination")):
        assert code_of(rds.restore_db_instance_from_db_snapshot, **(call | wrong)) == code


def test_a_misspelt_parameter_is_refused_by_name(records):
    rds = records.client("rds")

    def misspell(params, **_):
        params["body"]["DBInstanceIdentifer"] = "x"

    rds.meta.events.register("before-call.rds", misspell)
    assert code_of(rds.describe_db_instances) == "ValidationError"


def test_changes_wait_unless_applied_immediately(rds, records):
    records.create("changed")
    rds.modify_db_instance(DBInstanceIdentifier="changed", DBInstanceClass="db.r6g.large",
                           CopyTagsToSnapshot=True)
    waiting = described(rds, "changed")
    assert waiting["DBInstanceClass"] == "db.t3.micro"
    assert waiting["PendingModifiedValues"] == {"DBInstanceClass": "db.r6g.large"}
    assert waiting["CopyTagsToSnapshot"] is True
    rds.modify_db_instance(DBInstanceIdentifier="changed", AllocatedStorage=40,
                           ApplyImmediately=True)
    applied = records.wait("changed")
    assert (applied["DBInstanceClass"], applied["AllocatedStorage"]) == ("db.r6g.large", 40)
    assert applied["PendingModifiedValues"] == {}
    assert code_of(rds.modify_db_instance, DBInstanceIdentifier="changed", AllocatedStorage=41,
                   ApplyImmediately=True) == "InvalidParameterCombination"


def test_parameter_group_waits_for_a_reboot(rds, records, rich):
    records.create("grouped")
    rds.modify_db_instance(DBInstanceIdentifier="grouped", DBParameterGroupName="tuned",
                           ApplyImmediately=True)
    group = records.wait("grouped")["DBParameterGroups"][0]
    assert group == {"DBParameterGroupName": "tuned", "ParameterApplyStatus": "pending-reboot"}
    rds.reboot_db_instance(DBInstanceIdentifier="grouped")
    assert records.wait("grouped")["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"


def test_modifying_takes_time_and_blocks_other_changes(slow_records):
    rds = slow_records.client("rds")
    slow_records.create("busy")
    rds.modify_db_instance(DBInstanceIdentifier="busy", MultiAZ=True, ApplyImmediately=True)
    assert described(rds, "busy")["DBInstanceStatus"] == "modifying"
    assert code_of(rds.modify_db_instance, DBInstanceIdentifier="busy", MultiAZ=False) == (
        "InvalidDBInstanceState")
    assert code_of(rds.reboot_db_instance, DBInstanceIdentifier="busy") == "InvalidDBInstanceState"
    assert slow_records.wait("busy")["MultiAZ"] is True
    rds.stop_db_instance(DBInstanceIdentifier="busy")
    slow_records.wait("busy", "stopped")
    assert code_of(rds.create_db_snapshot, DBInstanceIdentifier="busy",
                   DBSnapshotIdentifier="none") == "InvalidDBInstanceState"
    rds.start_db_instance(DBInstanceIdentifier="busy")
    slow_records.wait("busy")


def test_endpoint_is_absent_while_creating(slow_records):
    rds = slow_records.client("rds")
    made = rds.create_db_instance(
        DBInstanceIdentifier="unborn", DBInstanceClass="db.t3.micro", Engine="postgres",
        AllocatedStorage=20, MasterUsername="m", MasterUserPassword="password1")["DBInstance"]
    assert made["DBInstanceStatus"] == "creating"
    assert "Endpoint" not in made and "InstanceCreateTime" not in made
    assert "Endpoint" in slow_records.wait("unborn")


def test_rename_moves_snapshots_and_frees_the_old_name(slow_records):
    rds = slow_records.client("rds")
    before = slow_records.create("old-name", BackupRetentionPeriod=1)
    slow_records.create("taken")
    assert code_of(rds.modify_db_instance, DBInstanceIdentifier="old-name",
                   NewDBInstanceIdentifier="taken", ApplyImmediately=True) == (
        "DBInstanceAlreadyExists")
    rds.modify_db_instance(DBInstanceIdentifier="old-name", NewDBInstanceIdentifier="new-name",
                           ApplyImmediately=True)
    assert described(rds, "old-name")["DBInstanceStatus"] == "renaming"
    slow_records.wait_gone("old-name")
    after = slow_records.wait("new-name")
    assert after["DbiResourceId"] == before["DbiResourceId"]
    assert after["DBInstanceArn"].endswith(":db:new-name")
    followed = rds.describe_db_snapshots(DBInstanceIdentifier="new-name")["DBSnapshots"]
    assert [s["SnapshotType"] for s in followed] == ["automated"]


def test_deletion_needs_a_decision_and_no_protection(rds, records, rich):
    assert code_of(rds.delete_db_instance, DBInstanceIdentifier="rich",
                   SkipFinalSnapshot=True) == "InvalidParameterCombination"
    records.create("doomed", BackupRetentionPeriod=1)
    assert code_of(rds.delete_db_instance, DBInstanceIdentifier="doomed") == (
        "InvalidParameterCombination")
    rds.delete_db_instance(DBInstanceIdentifier="doomed", FinalDBSnapshotIdentifier="last-of-it")
    records.wait_gone("doomed")
    left = rds.describe_db_snapshots(DBInstanceIdentifier="doomed")["DBSnapshots"]
    assert [s["DBSnapshotIdentifier"] for s in left] == ["last-of-it"]
    assert code_of(rds.describe_db_instances, DBInstanceIdentifier="doomed") == "DBInstanceNotFound"


def test_automated_backups_can_outlive_the_instance(rds, records):
    made = records.create("remembered", BackupRetentionPeriod=1)
    rds.delete_db_instance(DBInstanceIdentifier="remembered", SkipFinalSnapshot=True,
                           DeleteAutomatedBackups=False)
    records.wait_gone("remembered")
    kept = rds.describe_db_instance_automated_backups(DbiResourceId=made["DbiResourceId"])
    backup = kept["DBInstanceAutomatedBackups"][0]
    assert backup["Status"] == "retained"
    rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceAutomatedBackupsArn=backup["DBInstanceAutomatedBackupsArn"],
        TargetDBInstanceIdentifier="brought-back", UseLatestRestorableTime=True)
    assert records.wait("brought-back")["DBName"] == "shop"


def test_point_in_time_outside_the_window_is_refused(rds, records):
    records.create("windowed", BackupRetentionPeriod=1)
    call = {"SourceDBInstanceIdentifier": "windowed", "TargetDBInstanceIdentifier": "never-2"}
    for moment in ("2099-01-01T00:00:00Z", "2001-01-01T00:00:00Z"):
        assert code_of(rds.restore_db_instance_to_point_in_time, RestoreTime=moment, **call) == (
            "InvalidRestoreFault")
    assert code_of(rds.restore_db_instance_to_point_in_time, **call) == (
        "InvalidParameterCombination")
    records.create("without-backups")
    assert code_of(rds.restore_db_instance_to_point_in_time,
                   SourceDBInstanceIdentifier="without-backups", UseLatestRestorableTime=True,
                   TargetDBInstanceIdentifier="never-3") == "PointInTimeRestoreNotEnabled"


def test_roles_can_be_added_and_removed(rds, records):
    records.create("with-role")
    call = {"DBInstanceIdentifier": "with-role", "FeatureName": "s3Import",
            "RoleArn": "arn:aws:iam::123456789012:role/import"}
    rds.add_role_to_db_instance(**call)
    assert described(rds, "with-role")["AssociatedRoles"][0]["Status"] == "ACTIVE"
    assert code_of(rds.add_role_to_db_instance, **call) == "DBInstanceRoleAlreadyExists"
    rds.remove_role_from_db_instance(**call)
    assert code_of(rds.remove_role_from_db_instance, **call) == "DBInstanceRoleNotFound"


def test_forced_status_and_fields_show(rds, records):
    records.create("forced-one")
    records.control("POST", "instance", {"id": "forced-one", "status": "storage-full"})
    assert described(rds, "forced-one")["DBInstanceStatus"] == "storage-full"
    assert code_of(rds.create_db_snapshot, DBInstanceIdentifier="forced-one",
                   DBSnapshotIdentifier="no") == "InvalidDBInstanceState"
    records.control("POST", "instance", {"id": "forced-one", "status": "storage-optimization"})
    rds.create_db_snapshot(DBInstanceIdentifier="forced-one", DBSnapshotIdentifier="while-busy")
    records.control("POST", "instance", {"id": "forced-one", "status": None})


def test_identifiers_are_found_in_any_case_and_by_arn(rds, rich):
    for ident in ("RICH", rich["DBInstanceArn"]):
        assert described(rds, ident)["DBInstanceIdentifier"] == "rich"


def test_instances_are_paged(rds, records):
    for n in range(21):
        records.create(f"many-{n:02d}")
    pages = list(rds.get_paginator("describe_db_instances").paginate(
        PaginationConfig={"PageSize": 20}))
    names = [i["DBInstanceIdentifier"] for p in pages for i in p["DBInstances"]]
    assert len(pages) > 1 and len(set(names)) == len(names)
    assert {f"many-{n:02d}" for n in range(21)} <= set(names)


def test_answers_about_the_account_and_the_engine(rds):
    versions = rds.describe_db_engine_versions(Engine="postgres")["DBEngineVersions"]
    assert {"postgres15", "postgres17"} <= {v["DBParameterGroupFamily"] for v in versions}
    assert rds.describe_pending_maintenance_actions()["PendingMaintenanceActions"] == []
    quotas = rds.describe_account_attributes()["AccountQuotas"]
    assert "ManualSnapshots" in {q["AccountQuotaName"] for q in quotas}
    assert rds.describe_certificates()["Certificates"]
    assert code_of(rds.describe_reserved_db_instances) == "InvalidAction"


def test_switching_backups_on_takes_one_and_off_removes_them(rds, records):
    records.create("backed")
    assert "LatestRestorableTime" not in described(rds, "backed")
    for days, kinds in ((3, ["automated"]), (0, [])):
        rds.modify_db_instance(DBInstanceIdentifier="backed", BackupRetentionPeriod=days,
                               ApplyImmediately=True)
        assert records.wait("backed")["BackupRetentionPeriod"] == days
        found = rds.describe_db_snapshots(DBInstanceIdentifier="backed")["DBSnapshots"]
        assert [s["SnapshotType"] for s in found] == kinds
        assert ("LatestRestorableTime" in described(rds, "backed")) == bool(days)


def test_quotas_of_instances_and_storage_are_told_and_kept(rds, records):
    records.create("one-of-few", AllocatedStorage=30)
    quotas = {q["AccountQuotaName"]: q for q in
              rds.describe_account_attributes()["AccountQuotas"]}
    count, storage = quotas["DBInstances"]["Used"], quotas["AllocatedStorage"]["Used"]
    try:
        for limits, code in (({"instances": count}, "InstanceQuotaExceeded"),
                             ({"instances": 1000, "storage_gib": storage + 29},
                              "StorageQuotaExceeded")):
            records.control("POST", "quotas", limits)
            assert code_of(lambda: records.create("one-more", AllocatedStorage=30)) == code
    finally:
        records.control("POST", "quotas", {"instances": 1000, "storage_gib": 100_000})
