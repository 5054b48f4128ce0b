"""Changes: every setting that a restore drops can be set again; how each shows until it is done."""

import time

import pytest
from sandbox_driver import code_of

ROLE = "arn:aws:iam::123456789012:role/"
SETTINGS = {
    "DBInstanceClass": "db.r6g.large", "MultiAZ": True, "AllocatedStorage": 400, "Iops": 14000,
    "StorageThroughput": 600, "StorageType": "gp3", "MaxAllocatedStorage": 2000,
    "BackupRetentionPeriod": 9, "PreferredBackupWindow": "01:00-02:00",
    "PreferredMaintenanceWindow": "sun:05:00-sun:05:30", "AutoMinorVersionUpgrade": False,
    "PubliclyAccessible": False, "CopyTagsToSnapshot": True, "DeletionProtection": True,
    "MonitoringInterval": 30, "MonitoringRoleArn": ROLE + "monitor", "NetworkType": "DUAL",
    "DatabaseInsightsMode": "standard", "PerformanceInsightsRetentionPeriod": 31,
    "PerformanceInsightsKMSKeyId": "arn:aws:kms:eu-west-1:123456789012:key/insights",
    "CACertificateIdentifier": "rds-ca-ecc384-g1", "DedicatedLogVolume": True,
}  # fmt: skip
UNDER_OTHER_NAMES = {
    "VpcSecurityGroupIds": ["sg-1", "sg-2"], "DBPortNumber": 6543,
    "EnableIAMDatabaseAuthentication": True, "EnablePerformanceInsights": True,
    "CloudwatchLogsExportConfiguration": {"EnableLogTypes": ["postgresql", "upgrade"]},
    "DBParameterGroupName": "changed-to", "OptionGroupName": "options-15",
    "DBSubnetGroupName": "private", "CertificateRotationRestart": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def rds(shared_records):
    rds = shared_records.client("rds")
    rds.create_db_parameter_group(DBParameterGroupName="changed-to", Description="d",
                                  DBParameterGroupFamily="postgres15")
    rds.create_option_group(OptionGroupName="options-15", EngineName="postgres",
                            MajorEngineVersion="15", OptionGroupDescription="d")
    rds.create_db_subnet_group(DBSubnetGroupName="private", DBSubnetGroupDescription="d",
                               SubnetIds=["subnet-1", "subnet-2"])
    return rds


@pytest.fixture(autouse=True)
def without_faults(records):
    """Every test begins without faults and with the right time."""


@pytest.fixture(scope="module")
def lagging(start):
    return start("--no-servers", "--delay", "0", "--modify-lag", "0.6")


def described(rds, name):
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def names(rds):
    pages = rds.get_paginator("describe_db_instances").paginate()
    return {i["DBInstanceIdentifier"] for p in pages for i in p["DBInstances"]}


def comparable(instance):
    """An instance without what rightly differs between two of them."""
    own = {"DBInstanceIdentifier", "DBInstanceArn", "DbiResourceId", "InstanceCreateTime",
           "Endpoint", "LatestRestorableTime"}
    return {k: v for k, v in instance.items() if k not in own}


def test_every_setting_can_be_given_back_after_a_restore(rds, records):
    records.create("whole", BackupRetentionPeriod=1, Tags=[{"Key": "app", "Value": "shop"}])
    change = {**SETTINGS, **UNDER_OTHER_NAMES, "ApplyImmediately": True}

    def settle(name):
        rds.modify_db_instance(DBInstanceIdentifier=name, **change)
        records.wait(name)
        rds.add_role_to_db_instance(DBInstanceIdentifier=name, FeatureName="s3Import",
                                    RoleArn=ROLE + "import")
        rds.reboot_db_instance(DBInstanceIdentifier=name)
        return records.wait(name)

    def restored():
        """RDS chooses windows at random, so now and then the ones that were lost."""
        for n in range(2, 9):
            rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier=f"whole-{n}",
                                                     DBSnapshotIdentifier="whole-1")
            made = records.wait(f"whole-{n}")
            if all(made[k] != before[k] for k in SETTINGS if k.endswith("Window")):
                return f"whole-{n}"
        raise AssertionError("seven restores chose the windows of the original")

    before = settle("whole")
    assert {k: before[k] for k in SETTINGS} == SETTINGS
    assert before["PendingModifiedValues"] == {}
    assert before["CertificateDetails"]["CAIdentifier"] == "rds-ca-ecc384-g1"
    rds.create_db_snapshot(DBInstanceIdentifier="whole", DBSnapshotIdentifier="whole-1")
    name = restored()
    dropped = comparable(described(rds, name))
    differing = {k for k in comparable(before) if comparable(before)[k] != dropped.get(k)}
    assert differing >= {
        "MultiAZ", "MaxAllocatedStorage", "PreferredBackupWindow", "PreferredMaintenanceWindow",
        "AutoMinorVersionUpgrade", "PubliclyAccessible", "CopyTagsToSnapshot", "AssociatedRoles",
        "DeletionProtection", "MonitoringInterval", "MonitoringRoleArn", "NetworkType",
        "PerformanceInsightsEnabled", "PerformanceInsightsKMSKeyId", "CACertificateIdentifier",
        "PerformanceInsightsRetentionPeriod", "EnabledCloudwatchLogsExports", "VpcSecurityGroups",
        "IAMDatabaseAuthenticationEnabled", "DBParameterGroups", "OptionGroupMemberships",
        "DBSubnetGroup"}
    assert described(rds, name)["Endpoint"]["Port"] == 6543
    assert comparable(settle(name)) == comparable(before)


def test_what_is_switched_off_takes_its_details_with_it(rds, records):
    records.create("off", MonitoringInterval=5, MonitoringRoleArn=ROLE + "monitor",
                   EnablePerformanceInsights=True, MaxAllocatedStorage=100)
    before = described(rds, "off")
    assert before["PerformanceInsightsRetentionPeriod"] == 7
    assert before["PerformanceInsightsKMSKeyId"] and before["MaxAllocatedStorage"] == 100
    rds.modify_db_instance(DBInstanceIdentifier="off", MonitoringInterval=0,
                           EnablePerformanceInsights=False, MaxAllocatedStorage=20)
    gone = {"MonitoringRoleArn", "PerformanceInsightsRetentionPeriod",
            "PerformanceInsightsKMSKeyId", "MaxAllocatedStorage"}
    assert not gone & set(records.wait("off"))


@pytest.mark.parametrize(("change", "code"), [
    ({"PerformanceInsightsRetentionPeriod": 8}, "InvalidParameterValue"),
    ({"CACertificateIdentifier": "rds-ca-1999"}, "CertificateNotFound"),
    ({"MonitoringInterval": 7}, "InvalidParameterValue"),
    ({"MonitoringInterval": 60}, "InvalidParameterValue"),
    ({"MaxAllocatedStorage": 10}, "InvalidParameterCombination"),
    ({"PreferredBackupWindow": "3am"}, "InvalidParameterValue"),
    ({"PreferredBackupWindow": "23:45-00:10"}, "InvalidParameterValue"),
    ({"PreferredMaintenanceWindow": "03:00-04:00"}, "InvalidParameterValue"),
    ({"PreferredBackupWindow": "23:30-00:30",
      "PreferredMaintenanceWindow": "sun:23:45-mon:00:15"}, "InvalidParameterValue"),
    ({"DBParameterGroupName": "default.postgres14"}, "InvalidParameterCombination"),
])
def test_a_senseless_change_is_refused_and_nothing_changes(rds, records, change, code):
    if "sane" not in names(rds):
        records.create("sane")
    before = described(rds, "sane")
    assert code_of(rds.modify_db_instance, DBInstanceIdentifier="sane", **change) == code
    assert described(rds, "sane") == before


@pytest.mark.parametrize(("change", "status"), [
    ({"MonitoringInterval": 5, "MonitoringRoleArn": ROLE + "m"}, "configuring-enhanced-monitoring"),
    ({"CloudwatchLogsExportConfiguration": {"EnableLogTypes": ["upgrade"]}},
     "configuring-log-exports"),
    ({"EnableIAMDatabaseAuthentication": True}, "configuring-iam-database-auth"),
    ({"MasterUserPassword": "another-one"}, "resetting-master-credentials"),
    ({"VpcSecurityGroupIds": ["sg-7"]}, "modifying"),
    ({"DBParameterGroupName": "changed-to-slowly"}, "modifying"),
    ({"DeletionProtection": True}, "available"),
])
def test_each_change_has_its_status(slow_records, change, status):
    rds = slow_records.client("rds")
    name = "status-" + next(iter(change)).lower()
    slow_records.create(name)
    if "DBParameterGroupName" in change:
        rds.create_db_parameter_group(DBParameterGroupName="changed-to-slowly", Description="d",
                                      DBParameterGroupFamily="postgres15")
    rds.modify_db_instance(DBInstanceIdentifier=name, ApplyImmediately=True, **change)
    assert described(rds, name)["DBInstanceStatus"] == status
    slow_records.wait(name)


def test_security_groups_pass_through_adding_and_removing(slow_records):
    rds = slow_records.client("rds")
    slow_records.create("fenced", VpcSecurityGroupIds=["sg-old", "sg-both"])
    rds.modify_db_instance(DBInstanceIdentifier="fenced", VpcSecurityGroupIds=["sg-new", "sg-both"])

    def groups(instance):
        return {g["VpcSecurityGroupId"]: g["Status"] for g in instance["VpcSecurityGroups"]}

    assert groups(described(rds, "fenced")) == {
        "sg-new": "adding", "sg-both": "active", "sg-old": "removing"}
    assert groups(slow_records.wait("fenced")) == {"sg-new": "active", "sg-both": "active"}


def test_a_change_lags_behind_the_call(lagging):
    """For a while the instance is `available` with what it had, as if the call had been lost."""
    rds = lagging.client("rds")
    lagging.create("late")
    asked = time.monotonic()
    rds.modify_db_instance(DBInstanceIdentifier="late", DBInstanceClass="db.r6g.large",
                           MonitoringInterval=5, MonitoringRoleArn=ROLE + "m",
                           ApplyImmediately=True)
    seen = described(rds, "late")
    assert seen["DBInstanceStatus"] == "available"
    assert seen["PendingModifiedValues"] == {"DBInstanceClass": "db.r6g.large"}
    assert (seen["DBInstanceClass"], seen["MonitoringInterval"]) == ("db.t3.micro", 0)
    while described(rds, "late")["MonitoringInterval"] == 0:
        time.sleep(0.05)
    assert time.monotonic() - asked >= 0.6
    assert described(rds, "late")["DBInstanceClass"] == "db.r6g.large"


def test_a_second_call_before_the_first_is_heard_does_not_repeat_it(lagging):
    rds = lagging.client("rds")
    lagging.create("twice")
    rds.modify_db_instance(DBInstanceIdentifier="twice", BackupRetentionPeriod=3,
                           DBInstanceClass="db.r6g.large", ApplyImmediately=True)
    rds.modify_db_instance(DBInstanceIdentifier="twice", DBInstanceClass="db.r6g.xlarge",
                           ApplyImmediately=True)
    assert described(rds, "twice")["PendingModifiedValues"] == {
        "BackupRetentionPeriod": 3, "DBInstanceClass": "db.r6g.xlarge"}
    while described(rds, "twice")["PendingModifiedValues"]:
        time.sleep(0.05)
    done = described(rds, "twice")
    assert (done["BackupRetentionPeriod"], done["DBInstanceClass"]) == (3, "db.r6g.xlarge")
    taken = rds.describe_db_snapshots(DBInstanceIdentifier="twice")["DBSnapshots"]
    assert len(taken) == 1


def test_a_reboot_and_a_rename_lag_too(lagging):
    rds = lagging.client("rds")
    lagging.create("slow-to-hear")
    rds.create_db_parameter_group(DBParameterGroupName="heard", Description="d",
                                  DBParameterGroupFamily="postgres15")
    rds.modify_db_instance(DBInstanceIdentifier="slow-to-hear", DBParameterGroupName="heard")

    def group():
        return described(rds, "slow-to-hear")["DBParameterGroups"][0]["ParameterApplyStatus"]

    assert group() == "applying"
    while group() == "applying":
        time.sleep(0.05)
    rds.reboot_db_instance(DBInstanceIdentifier="slow-to-hear")
    assert described(rds, "slow-to-hear")["DBInstanceStatus"] == "available"
    assert group() == "pending-reboot"
    while group() == "pending-reboot":
        time.sleep(0.05)
    assert group() == "in-sync"
    rds.modify_db_instance(DBInstanceIdentifier="slow-to-hear", ApplyImmediately=True,
                           NewDBInstanceIdentifier="heard-at-last")
    seen = described(rds, "slow-to-hear")
    assert seen["DBInstanceStatus"] == "available"
    assert seen["PendingModifiedValues"] == {"DBInstanceIdentifier": "heard-at-last"}
    assert code_of(rds.describe_db_instances, DBInstanceIdentifier="heard-at-last") == (
        "DBInstanceNotFound")
    lagging.wait_gone("slow-to-hear")
    assert lagging.wait("heard-at-last")["PendingModifiedValues"] == {}


def test_the_master_password_can_be_a_managed_secret(rds, records):
    made = records.create("secretive", MasterUserPassword=None, ManageMasterUserPassword=True)
    assert made["MasterUserSecret"]["SecretStatus"] == "active"
    assert code_of(rds.modify_db_instance, DBInstanceIdentifier="secretive",
                   MasterUserPassword="password-2") == "InvalidParameterCombination"
    rds.create_db_snapshot(DBInstanceIdentifier="secretive", DBSnapshotIdentifier="secretive-1")
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="secretless",
                                             DBSnapshotIdentifier="secretive-1")
    assert "MasterUserSecret" not in records.wait("secretless")
    rds.modify_db_instance(DBInstanceIdentifier="secretless", ManageMasterUserPassword=True)
    assert records.wait("secretless")["MasterUserSecret"] != made["MasterUserSecret"]
    rds.modify_db_instance(DBInstanceIdentifier="secretless", ManageMasterUserPassword=False,
                           MasterUserPassword="password-3")
    assert "MasterUserSecret" not in records.wait("secretless")


@pytest.mark.parametrize(("kind", "end"), [
    ("instance-stuck", "creating"), ("instance-failed", "failed"),
    ("instance-incompatible", "incompatible-restore")])
def test_an_instance_that_does_not_become_available(rds, records, kind, end):
    if "healthy" not in names(rds):
        records.create("healthy", BackupRetentionPeriod=1)
        rds.create_db_snapshot(DBInstanceIdentifier="healthy", DBSnapshotIdentifier="healthy-1")
    records.faults({"action": "CreateDBInstance|RestoreDBInstance", "kind": kind, "count": 3})
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier=f"{kind}-1",
                                             DBSnapshotIdentifier="healthy-1")
    rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier="healthy", TargetDBInstanceIdentifier=f"{kind}-2",
        UseLatestRestorableTime=True)
    rds.create_db_instance(
        DBInstanceIdentifier=f"{kind}-3", DBInstanceClass="db.t3.micro", Engine="postgres",
        AllocatedStorage=20, MasterUsername="m", MasterUserPassword="password1")
    for n in (1, 2, 3):
        found = described(rds, f"{kind}-{n}")
        assert found["DBInstanceStatus"] == end and "Endpoint" not in found
        assert code_of(rds.delete_db_instance, DBInstanceIdentifier=f"{kind}-{n}",
                       FinalDBSnapshotIdentifier="never") == "InvalidDBInstanceState"
        rds.delete_db_instance(DBInstanceIdentifier=f"{kind}-{n}", SkipFinalSnapshot=True)
        records.wait_gone(f"{kind}-{n}")
