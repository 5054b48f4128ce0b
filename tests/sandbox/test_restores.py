"""Restores and what stands in their way: versions, keys, groups, states, dependants."""

import pytest
from sandbox_driver import code_of, message_of

ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def rds(shared_records):
    return shared_records.client("rds")


@pytest.fixture(autouse=True)
def without_faults(records):
    """Every test begins without faults and with the right time."""
    yield
    records.control("POST", "engine", {"withdrawn": []})
    records.control("POST", "security-groups", {"gone": []})


@pytest.fixture(scope="module")
def point(rds, shared_records):
    """A snapshot, and an instance with automated backups: two ways to restore."""
    shared_records.create("source", BackupRetentionPeriod=1)
    rds.create_db_snapshot(DBInstanceIdentifier="source", DBSnapshotIdentifier="point")


def described(rds, name):
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def restores(rds, **parameters):
    """The code that both ways to restore end with when given these parameters."""
    codes = {
        code_of(rds.restore_db_instance_from_db_snapshot, DBInstanceIdentifier="never",
                DBSnapshotIdentifier="point", **parameters),
        code_of(rds.restore_db_instance_to_point_in_time, TargetDBInstanceIdentifier="never",
                SourceDBInstanceIdentifier="source", UseLatestRestorableTime=True, **parameters),
    }
    assert len(codes) == 1
    assert code_of(rds.describe_db_instances, DBInstanceIdentifier="never") == "DBInstanceNotFound"
    return codes.pop()


# -- what is gone -----------------------------------------------------------------------------

@pytest.mark.parametrize(("given", "code"), [
    ({"DBParameterGroupName": "gone"}, "DBParameterGroupNotFound"),
    ({"OptionGroupName": "gone"}, "OptionGroupNotFoundFault"),
    ({"DBSubnetGroupName": "gone"}, "DBSubnetGroupNotFoundFault"),
    ({"VpcSecurityGroupIds": ["sg-here", "sg-gone"]}, "InvalidParameterValue"),
    ({"DBParameterGroupName": "default.postgres14"}, "InvalidParameterCombination"),
    ({"MultiAZ": True, "AvailabilityZone": "eu-west-1b"}, "InvalidParameterCombination"),
])
def test_a_restore_refuses_what_is_gone_or_does_not_fit(rds, records, point, given, code):
    records.control("POST", "security-groups", {"gone": ["sg-gone"]})
    assert restores(rds, **given) == code


def test_a_change_refuses_a_security_group_that_is_gone(rds, records, point):
    records.control("POST", "security-groups", {"gone": ["sg-gone"]})
    call = {"DBInstanceIdentifier": "source", "VpcSecurityGroupIds": ["sg-gone"]}
    assert code_of(rds.modify_db_instance, **call) == "InvalidParameterValue"
    assert "sg-gone" in message_of(rds.modify_db_instance, **call)


def test_a_group_in_use_cannot_be_deleted_and_one_out_of_use_can(rds, records):
    rds.create_db_subnet_group(DBSubnetGroupName="Fenced", DBSubnetGroupDescription="d",
                               SubnetIds=["subnet-1", "subnet-2"])
    rds.create_db_parameter_group(DBParameterGroupName="in-use", Description="d",
                                  DBParameterGroupFamily="postgres15")
    rds.create_option_group(OptionGroupName="in-use", EngineName="postgres",
                            MajorEngineVersion="15", OptionGroupDescription="d")
    made = records.create("user-of-groups", DBSubnetGroupName="fenced",
                          DBParameterGroupName="in-use", OptionGroupName="in-use")
    shown = rds.describe_db_subnet_groups(DBSubnetGroupName="fenced")["DBSubnetGroups"]
    assert made["DBSubnetGroup"] == shown[0]
    deletions = ((rds.delete_db_subnet_group, "DBSubnetGroupName", "fenced",
                  "InvalidDBSubnetGroupStateFault", "DBSubnetGroupNotFoundFault"),
                 (rds.delete_db_parameter_group, "DBParameterGroupName", "in-use",
                  "InvalidDBParameterGroupState", "DBParameterGroupNotFound"),
                 (rds.delete_option_group, "OptionGroupName", "in-use",
                  "InvalidOptionGroupStateFault", "OptionGroupNotFoundFault"))
    for delete, parameter, name, in_use, _ in deletions:
        assert code_of(delete, **{parameter: name}) == in_use
    rds.delete_db_instance(DBInstanceIdentifier="user-of-groups", SkipFinalSnapshot=True)
    records.wait_gone("user-of-groups")
    for delete, parameter, name, _, gone in deletions:
        delete(**{parameter: name})
        assert code_of(records.create, name="late", **{parameter: name}) == gone


def test_a_disabled_key_makes_restores_and_copies_impossible(rds, records):
    kms = records.client("kms")
    key = kms.create_key()["KeyMetadata"]
    records.create("locked", StorageEncrypted=True, KmsKeyId=key["Arn"], BackupRetentionPeriod=1)
    rds.create_db_snapshot(DBInstanceIdentifier="locked", DBSnapshotIdentifier="locked-1")
    calls = (
        (rds.restore_db_instance_from_db_snapshot,
         {"DBInstanceIdentifier": "unlocked-1", "DBSnapshotIdentifier": "locked-1"}),
        (rds.restore_db_instance_to_point_in_time,
         {"SourceDBInstanceIdentifier": "locked", "TargetDBInstanceIdentifier": "unlocked-2",
          "UseLatestRestorableTime": True}),
        (rds.copy_db_snapshot,
         {"SourceDBSnapshotIdentifier": "locked-1", "TargetDBSnapshotIdentifier": "unlocked-3"}))
    kms.disable_key(KeyId=key["KeyId"])
    for call, parameters in calls:
        assert code_of(call, **parameters) == "KMSKeyNotAccessibleFault"
    kms.enable_key(KeyId=key["KeyId"])
    for call, parameters in calls:
        call(**parameters)


def test_small_gp3_storage_has_fixed_performance_that_cannot_even_be_repeated(rds, records, point):
    """What an instance shows cannot be given back as it stands."""
    shown = described(rds, "source")
    assert (shown["StorageType"], shown["Iops"], shown["StorageThroughput"]) == ("gp3", 3000, 125)
    for given in ({"Iops": 3000}, {"StorageThroughput": 125}):
        assert restores(rds, **given) == "InvalidParameterCombination"
        assert code_of(rds.modify_db_instance, DBInstanceIdentifier="source", **given) == (
            "InvalidParameterCombination")
    assert "a storage size less than 400" in message_of(
        rds.modify_db_instance, DBInstanceIdentifier="source", Iops=3000)
    large = records.create("large", AllocatedStorage=400)
    assert (large["Iops"], large["StorageThroughput"]) == (12000, 500)
    rds.modify_db_instance(DBInstanceIdentifier="large", Iops=14000, ApplyImmediately=True)
    assert records.wait("large")["Iops"] == 14000
    rds.create_db_snapshot(DBInstanceIdentifier="large", DBSnapshotIdentifier="large-1")
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="large-2", DBSnapshotIdentifier="large-1", Iops=14000,
        StorageThroughput=600)
    again = records.wait("large-2")
    assert (again["Iops"], again["StorageThroughput"]) == (14000, 600)


# -- engine versions --------------------------------------------------------------------------

def versions(rds, **parameters):
    found = rds.describe_db_engine_versions(Engine="postgres", **parameters)["DBEngineVersions"]
    return {v["EngineVersion"]: v for v in found}


def test_versions_name_the_majors_they_can_be_upgraded_to(rds, records):
    records.control("POST", "engine", {"withdrawn": ["16"]})
    targets = versions(rds)["14.20"]["ValidUpgradeTarget"]
    assert {t["EngineVersion"]: t["IsMajorVersionUpgrade"] for t in targets} == {
        "15.15": True, "17.7": True, "18.1": True}


def test_a_withdrawn_version_is_not_listed_and_not_restored(rds, records, point):
    old = versions(rds)["15.15"]["EngineVersion"]
    for withdrawn in ("15", old):
        records.control("POST", "engine", {"withdrawn": [withdrawn]})
        assert old not in versions(rds) and "14.20" in versions(rds)
        assert versions(rds, IncludeAll=True)[old]["Status"] == "deprecated"
        assert restores(rds) == "InvalidParameterCombination"
        assert message_of(
            rds.restore_db_instance_from_db_snapshot, DBInstanceIdentifier="never",
            DBSnapshotIdentifier="point") == f"Cannot find version {old} for postgres"
        assert code_of(records.create, name="never", EngineVersion=old) == (
            "InvalidParameterCombination")


def test_a_snapshot_of_a_withdrawn_version_is_upgraded_and_restored(rds, records):
    records.create("ancient", EngineVersion="13")
    rds.create_db_snapshot(DBInstanceIdentifier="ancient", DBSnapshotIdentifier="ancient-1")
    records.control("POST", "engine", {"withdrawn": ["13"]})
    restore = {"DBInstanceIdentifier": "revived", "DBSnapshotIdentifier": "ancient-1"}
    assert code_of(rds.restore_db_instance_from_db_snapshot, **restore) == (
        "InvalidParameterCombination")
    rds.modify_db_snapshot(DBSnapshotIdentifier="ancient-1", EngineVersion="15.15")
    assert records.wait_snapshot("ancient-1")["EngineVersion"] == "15.15"
    rds.restore_db_instance_from_db_snapshot(**restore)
    revived = records.wait("revived")
    assert revived["EngineVersion"] == "15.15"
    assert revived["DBParameterGroups"][0]["DBParameterGroupName"] == "default.postgres15"


def test_upgrading_a_snapshot_takes_time_and_wants_an_available_one(slow_records):
    rds = slow_records.client("rds")
    slow_records.control("POST", "snapshots", {"identifier": "upgraded", "instance": "old-one"})
    slow_records.control("POST", "snapshot", {"id": "upgraded", "fields": {
        "EngineVersion": "13.23"}})
    call = {"DBSnapshotIdentifier": "upgraded", "EngineVersion": "14"}
    assert rds.modify_db_snapshot(**call)["DBSnapshot"]["Status"] == "upgrading"
    assert code_of(rds.modify_db_snapshot, **call) == "InvalidDBSnapshotState"
    done = slow_records.wait_snapshot("upgraded")
    assert (done["EngineVersion"], done["OptionGroupName"]) == ("14.20", "default:postgres-14")
    rds.delete_db_snapshot(DBSnapshotIdentifier="upgraded")


def test_snapshots_that_cannot_be_upgraded(rds, records, point):
    def upgrade(version, name="point"):
        return code_of(rds.modify_db_snapshot, DBSnapshotIdentifier=name, EngineVersion=version)

    assert upgrade("16", "no-such") == "DBSnapshotNotFound"
    assert upgrade("14") == upgrade("99") == "InvalidParameterCombination"
    for status in ("creating", "failed", "upgrading"):
        records.control("POST", "snapshot", {"id": "point", "status": status})
        assert upgrade("16") == "InvalidDBSnapshotState"
    records.control("POST", "snapshot", {"id": "point", "status": "available"})
    rds.copy_db_snapshot(SourceDBSnapshotIdentifier="point",
                         TargetDBSnapshotIdentifier="point-shared")
    rds.modify_db_snapshot_attribute(DBSnapshotIdentifier="point-shared", AttributeName="restore",
                                     ValuesToAdd=["111122223333"])
    assert upgrade("16", "point-shared") == "InvalidDBSnapshotState"
    automated = rds.describe_db_snapshots(SnapshotType="automated", DBInstanceIdentifier="source")
    assert upgrade("16", automated["DBSnapshots"][0]["DBSnapshotIdentifier"]) == (
        "InvalidDBSnapshotState")


# -- states ------------------------------------------------------------------------------------

NOT_WELL = ["storage-full", "incompatible-network", "incompatible-restore", "failed",
            "incompatible-parameters", "inaccessible-encryption-credentials", "stopped"]


@pytest.mark.parametrize("status", NOT_WELL)
def test_an_instance_that_is_not_well_can_be_restored_but_not_renamed_or_snapshot(
        rds, records, status):
    name = f"ill-{status}"
    records.create(name, BackupRetentionPeriod=1)
    rds.create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=f"{name}-1")
    records.control("POST", "instance", {"id": name, "status": status})
    assert described(rds, name)["DBInstanceStatus"] == status
    for call, parameters in (
            (rds.modify_db_instance, {"NewDBInstanceIdentifier": name + "-replaced",
                                      "ApplyImmediately": True}),
            (rds.create_db_snapshot, {"DBSnapshotIdentifier": "never"}),
            (rds.stop_db_instance, {}),
            (rds.add_role_to_db_instance, {"RoleArn": "arn:aws:iam::1:role/r", "FeatureName": "f"}),
            (rds.delete_db_instance, {"FinalDBSnapshotIdentifier": "never"})):
        assert code_of(call, DBInstanceIdentifier=name, **parameters) == "InvalidDBInstanceState"
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier=name + "-new",
                                             DBSnapshotIdentifier=f"{name}-1")
    records.wait(name + "-new")
    in_time = {"SourceDBInstanceIdentifier": name, "TargetDBInstanceIdentifier": name + "-then",
               "UseLatestRestorableTime": True}
    if status == "inaccessible-encryption-credentials":
        assert code_of(rds.restore_db_instance_to_point_in_time, **in_time) == (
            "KMSKeyNotAccessibleFault")
    else:
        rds.restore_db_instance_to_point_in_time(**in_time)
    rds.add_tags_to_resource(ResourceName=described(rds, name)["DBInstanceArn"],
                             Tags=[{"Key": "k", "Value": "v"}])
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    records.wait_gone(name)


@pytest.mark.parametrize(("status", "mend"), [
    ("storage-full", lambda rds, name: rds.modify_db_instance(
        DBInstanceIdentifier=name, AllocatedStorage=40, ApplyImmediately=True)),
    ("incompatible-parameters", lambda rds, name: rds.reboot_db_instance(
        DBInstanceIdentifier=name)),
    ("stopped", lambda rds, name: rds.start_db_instance(DBInstanceIdentifier=name)),
])
def test_some_states_can_be_mended(rds, records, status, mend):
    records.create(f"mended-{status}")
    records.control("POST", "instance", {"id": f"mended-{status}", "status": status})
    mend(rds, f"mended-{status}")
    records.wait(f"mended-{status}")


def test_at_most_forty_automated_backups_outlive_their_instances(start):
    many = start("--no-servers", "--delay", "0")
    rds = many.client("rds")

    def delete(name):
        return rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True,
                                      DeleteAutomatedBackups=False)

    for n in range(41):
        many.create(f"kept-{n}", BackupRetentionPeriod=1)
        if n < 40:
            delete(f"kept-{n}")
    assert code_of(delete, name="kept-40") == "DBInstanceAutomatedBackupQuotaExceeded"
    listed = rds.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    kept = [b for b in listed if b["Status"] == "retained"]
    active = [b for b in listed if b["Status"] == "active"]
    assert (len(kept), len(active)) == (40, 1)
    assert code_of(rds.delete_db_instance_automated_backup,
                   DbiResourceId=active[0]["DbiResourceId"]) == (
        "InvalidDBInstanceAutomatedBackupState")
    rds.delete_db_instance_automated_backup(DbiResourceId=kept[0]["DbiResourceId"])
    delete("kept-40")


# -- what depends on an instance ---------------------------------------------------------------

def test_replicas_follow_a_rename_and_are_promoted_by_a_deletion(rds, records):
    assert code_of(rds.create_db_instance_read_replica, DBInstanceIdentifier="r",
                   SourceDBInstanceIdentifier="nobody") == "DBInstanceNotFound"
    records.create("without")
    assert code_of(rds.create_db_instance_read_replica, DBInstanceIdentifier="r",
                   SourceDBInstanceIdentifier="without") == "InvalidDBInstanceState"
    records.create("main", BackupRetentionPeriod=1, VpcSecurityGroupIds=["sg-4"], Port=6000)
    for n in (1, 2, 3):
        rds.create_db_instance_read_replica(DBInstanceIdentifier=f"replica-{n}",
                                            SourceDBInstanceIdentifier="main")
        records.wait(f"replica-{n}")
    names = ["replica-1", "replica-2", "replica-3"]
    assert described(rds, "main")["ReadReplicaDBInstanceIdentifiers"] == names
    replica = described(rds, "replica-1")
    assert replica["ReadReplicaSourceDBInstanceIdentifier"] == "main"
    assert replica["StatusInfos"][0]["Status"] == "replicating"
    assert replica["BackupRetentionPeriod"] == 0 and replica["Endpoint"]["Port"] == 6000
    assert replica["VpcSecurityGroups"] == [{"VpcSecurityGroupId": "sg-4", "Status": "active"}]

    rds.modify_db_instance(DBInstanceIdentifier="main", NewDBInstanceIdentifier="main-replaced",
                           ApplyImmediately=True)
    assert records.wait("main-replaced")["ReadReplicaDBInstanceIdentifiers"] == names
    assert described(rds, "replica-1")["ReadReplicaSourceDBInstanceIdentifier"] == "main-replaced"

    rds.promote_read_replica(DBInstanceIdentifier="replica-1")
    assert code_of(rds.promote_read_replica, DBInstanceIdentifier="replica-1") == (
        "InvalidDBInstanceState")
    rds.delete_db_instance(DBInstanceIdentifier="replica-2", SkipFinalSnapshot=True)
    records.wait_gone("replica-2")
    assert described(rds, "main-replaced")["ReadReplicaDBInstanceIdentifiers"] == ["replica-3"]
    rds.delete_db_instance(DBInstanceIdentifier="main-replaced", SkipFinalSnapshot=True)
    records.wait_gone("main-replaced")
    assert "ReadReplicaSourceDBInstanceIdentifier" not in described(rds, "replica-3")


def test_a_proxy_has_targets_that_follow_a_rename(rds, records):
    records.create("proxied")
    made = rds.create_db_proxy(
        DBProxyName="pool", EngineFamily="POSTGRESQL", RoleArn=f"arn:aws:iam::{ACCOUNT}:role/p",
        VpcSubnetIds=["subnet-1", "subnet-2"], Auth=[{"AuthScheme": "SECRETS"}])["DBProxy"]
    assert rds.describe_db_proxies()["DBProxies"] == [made]
    assert rds.describe_db_proxy_targets(DBProxyName="pool")["Targets"] == []
    rds.register_db_proxy_targets(DBProxyName="pool", DBInstanceIdentifiers=["proxied"])
    assert code_of(rds.register_db_proxy_targets, DBProxyName="pool",
                   DBInstanceIdentifiers=["proxied"]) == "DBProxyTargetAlreadyRegisteredFault"

    def targets():
        found = rds.describe_db_proxy_targets(DBProxyName="pool")["Targets"]
        return {t["RdsResourceId"]: t["TargetHealth"]["State"] for t in found}

    assert targets() == {"proxied": "AVAILABLE"}
    rds.modify_db_instance(DBInstanceIdentifier="proxied", ApplyImmediately=True,
                           NewDBInstanceIdentifier="proxied-replaced")
    records.wait("proxied-replaced")
    assert targets() == {"proxied-replaced": "AVAILABLE"}
    records.control("POST", "instance", {"id": "proxied-replaced", "status": "stopped"})
    assert targets() == {"proxied-replaced": "UNAVAILABLE"}
    rds.deregister_db_proxy_targets(DBProxyName="pool", DBInstanceIdentifiers=["proxied-replaced"])
    assert targets() == {}
    rds.delete_db_proxy(DBProxyName="pool")
    assert code_of(rds.describe_db_proxy_targets, DBProxyName="pool") == "DBProxyNotFoundFault"
    assert code_of(rds.describe_db_proxies, DBProxyName="pool") == "DBProxyNotFoundFault"


def test_integrations_and_event_subscriptions_are_listed(shared_records):
    """The latter by moto."""
    rds = shared_records.client("rds")
    arn = shared_records.create("replicated-from")["DBInstanceArn"]
    for name in ("to-a", "to-b"):
        rds.create_integration(IntegrationName=name, SourceArn=arn, TargetArn="arn:aws:redshift:x")
    listed = rds.describe_integrations()["Integrations"]
    assert [one["IntegrationName"] for one in listed] == ["to-a", "to-b"]
    assert {one["SourceArn"] for one in listed} == {arn}
    assert code_of(lambda: rds.create_integration(
        IntegrationName="to-a", SourceArn=arn,
        TargetArn="arn:aws:redshift:x")) == "IntegrationAlreadyExistsFault"
    rds.create_event_subscription(SubscriptionName="watch", SnsTopicArn="arn:aws:sns:x",
                                  SourceType="db-instance", SourceIds=["replicated-from"])
    (found,) = rds.describe_event_subscriptions()["EventSubscriptionsList"]
    assert found["SourceIdsList"] == ["replicated-from"]
