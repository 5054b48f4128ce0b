"""An endpoint belongs to an identifier; after a rename the old name may lead astray for a while."""

import pytest
from sandbox_driver import command, psql, until


@pytest.fixture(scope="module")
def rds(servers):
    return servers.client("rds")


@pytest.fixture
def stale(servers):
    """Renames leave the old name stale until it is flushed."""
    servers.control("POST", "dns", {"stale_seconds": 3600})
    yield servers
    servers.control("POST", "dns", {"stale_seconds": 0, "flush": True})


def url_of(sandbox, name):
    return command("psql-url", "--dir", sandbox.folder, "--instance", name).stdout.strip()


def rename(sandbox, rds, old, new):
    rds.modify_db_instance(DBInstanceIdentifier=old, NewDBInstanceIdentifier=new,
                           ApplyImmediately=True)
    sandbox.wait_gone(old)
    sandbox.wait(new)


def make(sandbox, rds, name):
    """An instance whose table says `old`, and a snapshot in which it says `new`."""
    sandbox.create(name)
    sandbox.sql(name, "CREATE TABLE told (word text); INSERT INTO told VALUES ('new')")
    rds.create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=f"{name}-1")
    sandbox.wait_snapshot(f"{name}-1")
    sandbox.wait(name)
    sandbox.sql(name, "UPDATE told SET word = 'old'")
    return url_of(sandbox, name)


def restore(sandbox, rds, name, **parameters):
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=name, DBSnapshotIdentifier=f"{name}-1", **parameters)
    sandbox.wait(name)


def words(url):
    return psql(url, "SELECT word FROM told")


def test_a_connection_string_works_unchanged_after_rename_restore_and_back(servers, rds):
    url = make(servers, rds, "app")
    assert "sslmode=verify-full" in url and words(url) == "old"
    rename(servers, rds, "app", "app-replaced")
    assert "ERROR" in words(url) and "Connection refused" in words(url)
    restore(servers, rds, "app")
    assert words(url) == "new"
    assert url_of(servers, "app") == url
    rename(servers, rds, "app", "app-restored")
    rename(servers, rds, "app-replaced", "app")
    assert words(url) == "old"


def test_a_deleted_identifier_that_is_used_again_has_its_address_again(servers, rds):
    first = servers.create("again")["Endpoint"]
    rds.delete_db_instance(DBInstanceIdentifier="again", SkipFinalSnapshot=True)
    servers.wait_gone("again")
    assert servers.create("again")["Endpoint"] == first


def test_a_stale_name_leads_to_the_renamed_server_until_it_is_flushed(stale, rds):
    url = make(stale, rds, "cached")
    rename(stale, rds, "cached", "cached-replaced")
    assert words(url) == words(url_of(stale, "cached-replaced")) == "old"
    restore(stale, rds, "cached")
    assert url_of(stale, "cached") == url
    assert words(url) == "old"
    seen = stale.control("GET", "dns")["names"]["cached.eu-west-1"]
    assert seen["stale"] and seen["reaches"] == "cached-replaced.eu-west-1"
    stale.control("POST", "dns", {"flush": True})
    assert words(url) == "new"
    rds.reboot_db_instance(DBInstanceIdentifier="cached")
    stale.wait("cached")
    assert words(url) == "new"


def test_a_stale_name_ends_by_itself(servers, rds):
    url = make(servers, rds, "briefly")
    servers.control("POST", "dns", {"stale_seconds": 6})
    rename(servers, rds, "briefly", "briefly-replaced")
    servers.control("POST", "dns", {"stale_seconds": 0})
    assert words(url) == "old"
    until(lambda: "Connection refused" in words(url), "the old name to be dead")


def test_going_back_to_a_stale_name_ends_the_detour(stale, rds):
    url = make(stale, rds, "undone")
    rename(stale, rds, "undone", "undone-replaced")
    restore(stale, rds, "undone")
    rename(stale, rds, "undone", "undone-restored")
    assert words(url) == "new"
    rename(stale, rds, "undone-replaced", "undone")
    stale.control("POST", "dns", {"flush": True})
    assert words(url) == "old"


def test_a_stale_name_outlives_the_server_that_had_it(stale, rds):
    """The replaced instance is deleted too early: its clients reach nothing, not the new server."""
    url = make(stale, rds, "orphaned")
    rename(stale, rds, "orphaned", "orphaned-replaced")
    restore(stale, rds, "orphaned", Port=6001)
    rds.delete_db_instance(DBInstanceIdentifier="orphaned-replaced", SkipFinalSnapshot=True)
    stale.wait_gone("orphaned-replaced")
    moved = url_of(stale, "orphaned")
    assert moved == url.replace(":5432/", ":6001/")
    assert "ERROR" in words(url) and "ERROR" in words(moved)
    stale.control("POST", "dns", {"flush": True})
    assert words(moved) == "new" and "ERROR" in words(url)


def test_a_server_that_was_never_to_be_leaves_no_trace(servers, rds):
    servers.faults({"action": "CreateDBInstance", "kind": "instance-stuck"})
    rds.create_db_instance(
        DBInstanceIdentifier="unborn", DBInstanceClass="db.t3.micro", Engine="postgres",
        AllocatedStorage=20, MasterUsername="m", MasterUserPassword="password1")
    rds.delete_db_instance(DBInstanceIdentifier="unborn", SkipFinalSnapshot=True)
    servers.wait_gone("unborn")
    assert "unborn.eu-west-1" not in servers.control("GET", "dns")["names"]
    servers.create("unborn")
