"""Behind the API are real servers: rows come and go with snapshots, endpoints with names."""

import socket
import subprocess
import time
from datetime import datetime, timezone

import pytest
from sandbox_driver import PASSWORD, code_of, command, psql, until

pytestmark = pytest.mark.usefixtures("prod")


@pytest.fixture(scope="module")
def prod(servers):
    servers.create("prod", BackupRetentionPeriod=7, Tags=[{"Key": "app", "Value": "shop"}])
    servers.sql("prod", "CREATE TABLE told (n int); INSERT INTO told VALUES (1)")
    return servers


@pytest.fixture(scope="module")
def rds(servers):
    return servers.client("rds")


def told(sandbox, name):
    return sandbox.sql(name, "SELECT string_agg(n::text, ',' ORDER BY n) FROM told")


def endpoint(rds, name):
    found = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    return found["Endpoint"]["Address"], found["Endpoint"]["Port"]


def url_with(sandbox, name, **options):
    """The master's URL with its query replaced."""
    url = command("psql-url", "--dir", sandbox.folder, "--instance", name).stdout.strip()
    query = "&".join(f"{k}={v}" for k, v in options.items())
    return url.partition("?")[0] + "?" + query


def listens(address):
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(address) == 0


def test_master_user_is_not_superuser_but_may_create(prod):
    flags = prod.sql("prod", "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication "
                             "FROM pg_roles WHERE rolname = current_user")
    assert flags == "f|t|t|f"
    assert prod.sql("prod", "SELECT pg_has_role('rds_superuser', 'MEMBER'), "
                            "pg_has_role('pg_monitor', 'MEMBER')") == "t|t"
    assert "must be superuser" in prod.sql("prod", "ALTER SYSTEM SET work_mem = '1MB'").replace(
        "permission denied", "must be superuser")
    assert "permission denied" in prod.sql("prod", "SELECT * FROM pg_authid")
    assert "permission denied" in prod.sql("prod", "COPY told TO PROGRAM 'cat'").replace(
        "must be superuser", "permission denied")
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'shop'"
    assert prod.sql("prod", owner) == "master"


def test_the_certificate_is_verified_in_full(prod):
    ca = prod.environment["SANDBOX_CA"]
    right = url_with(prod, "prod", sslmode="verify-full", sslrootcert=ca)
    assert psql(right, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == "t"
    wrong = url_with(prod, "prod", sslmode="verify-full",
                     sslrootcert="/etc/ssl/certs/ca-certificates.crt")
    assert "certificate verify failed" in psql(wrong, "SELECT 1")


def test_connections_without_tls_are_refused_as_on_rds(prod):
    refused = psql(url_with(prod, "prod", sslmode="disable"), "SELECT 1")
    assert "no pg_hba.conf entry" in refused and "no encryption" in refused


def test_the_internal_superuser_and_its_database_are_closed(prod):
    url = url_with(prod, "prod", sslmode="require")
    assert "reject" in psql(url.replace("//master:", "//rdsadmin:"), "SELECT 1")
    assert "reject" in psql(url.replace("/shop?", "/rdsadmin?"), "SELECT 1")


def test_force_ssl_is_a_parameter(prod, rds):
    rds.create_db_parameter_group(DBParameterGroupName="loose", Description="d",
                                  DBParameterGroupFamily="postgres15")
    rds.modify_db_parameter_group(DBParameterGroupName="loose", Parameters=[
        {"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"},
        {"ParameterName": "work_mem", "ParameterValue": "5MB", "ApplyMethod": "immediate"}])
    prod.create("loose", DBParameterGroupName="loose")
    url = url_with(prod, "loose", sslmode="disable")
    assert psql(url, "SHOW work_mem") == "5MB"
    rds.modify_db_parameter_group(DBParameterGroupName="loose", Parameters=[
        {"ParameterName": "work_mem", "ParameterValue": "6MB", "ApplyMethod": "immediate"}])
    until(lambda: psql(url, "SHOW work_mem") == "6MB", "the new value")
    rds.modify_db_parameter_group(DBParameterGroupName="loose", Parameters=[
        {"ParameterName": "max_connections", "ParameterValue": "33",
         "ApplyMethod": "pending-reboot"}])
    assert psql(url, "SHOW max_connections") == "100"
    rds.reboot_db_instance(DBInstanceIdentifier="loose")
    prod.wait("loose")
    assert psql(url_with(prod, "loose", sslmode="disable"), "SHOW max_connections") == "33"


def test_a_restored_server_gets_its_parameters_by_a_change_and_a_reboot(prod, rds):
    rds.create_db_parameter_group(DBParameterGroupName="tuned", Description="d",
                                  DBParameterGroupFamily="postgres15")
    rds.modify_db_parameter_group(DBParameterGroupName="tuned", Parameters=[
        {"ParameterName": "work_mem", "ParameterValue": "7MB", "ApplyMethod": "immediate"},
        {"ParameterName": "max_connections", "ParameterValue": "44",
         "ApplyMethod": "pending-reboot"}])
    show = "SELECT current_setting('work_mem') || ' ' || current_setting('max_connections')"
    prod.create("plain")
    rds.modify_db_instance(DBInstanceIdentifier="plain", DBParameterGroupName="tuned")
    group = prod.wait("plain")["DBParameterGroups"][0]
    assert group["ParameterApplyStatus"] == "pending-reboot"
    assert prod.sql("plain", show) == "4MB 100"
    rds.reboot_db_instance(DBInstanceIdentifier="plain")
    assert prod.wait("plain")["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"
    assert prod.sql("plain", show) == "7MB 44"


def test_restore_brings_old_rows_back_and_rename_swaps_names(prod, rds):
    """The order that a careful restore takes: rename, restore, look, retire."""
    prod.create("swap")
    prod.sql("swap", "CREATE TABLE told (n int); INSERT INTO told VALUES (1)")
    rds.create_db_snapshot(DBInstanceIdentifier="swap", DBSnapshotIdentifier="swap-1")
    prod.wait_snapshot("swap-1")
    prod.wait("swap")
    prod.sql("swap", "INSERT INTO told VALUES (2)")
    before = endpoint(rds, "swap")

    rds.modify_db_instance(DBInstanceIdentifier="swap", NewDBInstanceIdentifier="swap-replaced",
                           ApplyImmediately=True)
    prod.wait_gone("swap")
    assert not listens(before)
    prod.wait("swap-replaced")
    after = endpoint(rds, "swap-replaced")
    assert after[0] != before[0] and after[1] == before[1] == 5432
    assert not listens(before)
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="swap",
                                             DBSnapshotIdentifier="swap-1")
    prod.wait("swap")
    assert (told(prod, "swap"), told(prod, "swap-replaced")) == ("1", "1,2")

    rds.delete_db_instance(DBInstanceIdentifier="swap-replaced",
                           FinalDBSnapshotIdentifier="swap-final")
    prod.wait_gone("swap-replaced")
    assert not listens(after)
    assert endpoint(rds, "swap") == before
    rds.copy_db_snapshot(SourceDBSnapshotIdentifier="swap-final",
                         TargetDBSnapshotIdentifier="swap-final-copy")
    prod.wait_snapshot("swap-final-copy")
    rds.delete_db_snapshot(DBSnapshotIdentifier="swap-final")
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="swap-again",
                                             DBSnapshotIdentifier="swap-final-copy")
    prod.wait("swap-again")
    assert told(prod, "swap-again") == "1,2"


def test_point_in_time_stops_between_two_commits(prod, rds):
    prod.sql("prod", "INSERT INTO told VALUES (2)")
    time.sleep(0.05)  # two commits need two moments
    between = datetime.now(timezone.utc)
    time.sleep(0.05)
    prod.sql("prod", "INSERT INTO told VALUES (3)")
    call = {"SourceDBInstanceIdentifier": "prod"}
    rds.restore_db_instance_to_point_in_time(TargetDBInstanceIdentifier="then",
                                             RestoreTime=between, **call)
    rds.restore_db_instance_to_point_in_time(TargetDBInstanceIdentifier="latest",
                                             UseLatestRestorableTime=True, **call)
    prod.wait("then")
    prod.wait("latest")
    assert (told(prod, "then"), told(prod, "latest")) == ("1,2", "1,2,3")
    assert prod.sql("then", "INSERT INTO told VALUES (9) RETURNING n") == "9"
    now = datetime.now(timezone.utc)
    rds.restore_db_instance_to_point_in_time(TargetDBInstanceIdentifier="now", RestoreTime=now,
                                             **call)
    prod.wait("now")
    assert told(prod, "now") == "1,2,3"


def test_kept_automated_backup_restores_after_the_instance_is_gone(prod, rds):
    made = prod.create("kept", BackupRetentionPeriod=1)
    prod.sql("kept", "CREATE TABLE told (n int); INSERT INTO told VALUES (7)")
    time.sleep(0.05)  # two commits need two moments
    between = datetime.now(timezone.utc)
    time.sleep(0.05)
    prod.sql("kept", "INSERT INTO told VALUES (8)")
    rds.delete_db_instance(DBInstanceIdentifier="kept", SkipFinalSnapshot=True,
                           DeleteAutomatedBackups=False)
    prod.wait_gone("kept")
    backup = rds.describe_db_instance_automated_backups(
        DBInstanceIdentifier="kept")["DBInstanceAutomatedBackups"][0]
    rds.restore_db_instance_to_point_in_time(
        SourceDbiResourceId=made["DbiResourceId"], TargetDBInstanceIdentifier="kept-back",
        UseLatestRestorableTime=True)
    rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceAutomatedBackupsArn=backup["DBInstanceAutomatedBackupsArn"],
        TargetDBInstanceIdentifier="kept", RestoreTime=between)
    assert prod.wait("kept")["Endpoint"] == made["Endpoint"]
    prod.wait("kept-back")
    assert (told(prod, "kept"), told(prod, "kept-back")) == ("7", "7,8")


def test_point_in_time_in_place_starts_from_the_renamed_instance(prod, rds):
    """Both have automated backups of the same minute under the same name."""
    made = prod.create("rewound", BackupRetentionPeriod=1)
    prod.sql("rewound", "CREATE TABLE told (n int); INSERT INTO told VALUES (1)")
    time.sleep(0.05)  # two commits need two moments
    between = datetime.now(timezone.utc)
    time.sleep(0.05)
    prod.sql("rewound", "DELETE FROM told")
    rds.modify_db_instance(DBInstanceIdentifier="rewound", ApplyImmediately=True,
                           NewDBInstanceIdentifier="rewound-replaced")
    prod.wait_gone("rewound")
    prod.wait("rewound-replaced")
    for name in ("rewound", "rewound-again"):
        rds.restore_db_instance_to_point_in_time(
            SourceDbiResourceId=made["DbiResourceId"], TargetDBInstanceIdentifier=name,
            RestoreTime=between)
        prod.wait(name)
        assert told(prod, name) == "1"
    owners = [s["DbiResourceId"] for s in rds.describe_db_snapshots(
        SnapshotType="automated")["DBSnapshots"] if "rewound" in s["DBSnapshotIdentifier"]]
    assert len(owners) == len(set(owners)) == 3


def test_password_change_and_stop_reach_the_server(prod, rds):
    prod.create("stopped-one")
    old = url_with(prod, "stopped-one", sslmode="require")
    rds.modify_db_instance(DBInstanceIdentifier="stopped-one", MasterUserPassword="new-password",
                           ApplyImmediately=True)
    prod.wait("stopped-one")
    assert "password authentication failed" in psql(old, "SELECT 1")
    assert psql(url_with(prod, "stopped-one", sslmode="require"), "SELECT 1") == "1"
    address = endpoint(rds, "stopped-one")
    rds.stop_db_instance(DBInstanceIdentifier="stopped-one")
    prod.wait("stopped-one", "stopped")
    assert not listens(address)
    rds.start_db_instance(DBInstanceIdentifier="stopped-one")
    prod.wait("stopped-one")
    assert listens(address)


def test_a_wanted_port_is_where_it_listens(prod, rds):
    prod.create("ported", Port=6000)
    assert endpoint(rds, "ported")[1] == 6000 and listens(endpoint(rds, "ported"))
    rds.modify_db_instance(DBInstanceIdentifier="ported", DBPortNumber=6001, ApplyImmediately=True)
    prod.wait("ported")
    assert endpoint(rds, "ported")[1] == 6001 and listens(endpoint(rds, "ported"))


def test_servers_use_a_version_that_is_installed(prod, rds):
    assert code_of(rds.create_db_instance, DBInstanceIdentifier="old", Engine="postgres",
                   DBInstanceClass="db.t3.micro", EngineVersion="9.6", AllocatedStorage=20,
                   MasterUsername="m", MasterUserPassword=PASSWORD) == (
        "InvalidParameterCombination")


def test_fill_makes_data_that_stock_tools_can_dump(prod, tmp_path):
    prod.create("filled")
    filled = command("fill", "--dir", prod.folder, "--instance", "filled", "--rows", "200")
    assert filled.returncode == 0, filled.stderr
    expected = {
        "SELECT count(*) FROM orders": "200",
        "SELECT count(*) FROM events": "600",
        "SELECT count(*) > 0 FROM events_2025_click": "t",
        "SELECT count(*) FROM users": "40",
        "SELECT count(*) FROM pg_largeobject_metadata": "21",
        'SELECT count(*) FROM "Odd Schema"."select"': "3",
        "SELECT count(*) FROM no_columns": "2",
        "SELECT count(*) FROM files WHERE s3_key LIKE 'uploads/%'": "20",
    }
    assert {query: prod.sql("filled", query) for query in expected} == expected
    url = command("psql-url", "--dir", prod.folder, "--instance", "filled").stdout.strip()
    dumped = subprocess.run(["pg_dump", "-Fc", "-f", tmp_path / "dump", url], text=True,
                            capture_output=True)
    assert dumped.returncode == 0, dumped.stderr


def test_fill_gives_the_same_rows_for_the_same_seed(prod):
    sums = []
    for name, seed in (("seed-a", 5), ("seed-b", 5), ("seed-c", 6)):
        prod.create(name)
        command("fill", "--dir", prod.folder, "--instance", name, "--rows", 50, "--seed", seed)
        sums.append(prod.sql(name, "SELECT md5(string_agg(o::text, '' ORDER BY id)) FROM orders o"))
    assert sums[0] == sums[1] != sums[2]
