"""The ways to restore and what guards them: beside, to a moment, of an instance that is gone; checks,
hooks and names that lag behind. On real servers, since all of it is about rows."""

import subprocess
from contextlib import contextmanager

import pytest
from restoring import (AtThePrompt, configure, differences, fill, hook, instances, marks, role_of,
                       rows, safety_snapshots, url_of)
from story import PASSWORD, World, psql, until

OF_A_NAME = {"DBInstanceIdentifier", "DBInstanceArn", "Endpoint"}
TRUE = 'name = "orders are there"\nsql = "select count(*) >= 500 from public.orders"'
FALSE = 'name = "a million orders"\nsql = "select count(*) > 1000000 from public.orders"'


def check(text: str) -> str:
    return f"[[source.orders.restore.check]]\n{text}"


@pytest.fixture(scope="module")
def shop(build) -> World:
    """An instance with 500 orders, and a point of it that carries a record of them."""
    world = build("--delay", "0.1")
    world.create("orders", BackupRetentionPeriod=1, MultiAZ=True, DeletionProtection=True,
                 Tags=[{"Key": "team", "Value": "shop"}])
    configure(world)
    fill(world)
    world.sql("orders", "create table ledger as select generate_series(1, 2000) as n;"
                        "create table notes as select 'a note' as note; analyze")
    world.point = world.passes()["sources"][0]["last_good"]["id"]
    world.good_rows = rows(world)
    return world


def beside(world: World, name: str, *words: str):
    """Restores beside, and takes the copy away again once it was looked at."""
    return world.tidemark("restore", "orders", "--as", name, "--yes", *words)


def remove(world: World, name: str) -> None:
    rds = world.client_for_waits
    rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False)
    until(lambda: instances(world)[name]["DBInstanceStatus"] == "available", "it to settle")
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    world.wait_gone(name)
#-- beside -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- --

def test_beside_nothing_gives_way_and_all_is_the_same_but_the_name(shop):
    configure(shop, check(TRUE))
    before = instances(shop)["orders"]
    done = beside(shop, "orders-look", "--warm-up")
    assert done.code == 0, done
    after = instances(shop)
    assert differences(before, after["orders-look"]).keys() == OF_A_NAME
    assert differences(before, after["orders"]) == {
}
    assert rows(shop, "orders-look") == shop.good_rows
    assert safety_snapshots(shop) == []
    assert "orders-look is restored from" in done.out
    assert "restore retire" not in done.out


def test_a_warm_up_has_read_every_table(shop):
    unread = ("select count(*) from pg_statio_user_tables join pg_class on oid = relid "
              "where relpages > 0 and relpersistence = 'p' and heap_blks_read + heap_blks_hit = 0")
    until(lambda: shop.sql("orders-look", unread) == "0", "every table to be read")
    remove(shop, "orders-look")
#-- checks -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- --

def test_a_record_of_more_than_is_there_refuses_the_restore(shop):
    """The record of the good point on a point that lacks an extension and rows."""
    configure(shop)
    assert not shop.sql("orders", "drop extension pgcrypto cascade; truncate ledger; "
                        "drop table notes; analyze")
    taken = shop.tidemark("backup", "orders", "--json").json["sources"][0]["events"]
    (poor,) = {event["snapshot"] for event in taken if event["act"] == "complete"}
    good, tags = shop.snapshots()[shop.point]["tags"], shop.snapshots()[poor]["tags"]
    record = {k: v for k, v in good.items() if k.startswith("tidemark:contents")}
    assert record
    tags = {k: v for k, v in tags.items() if not k.startswith("tidemark:contents")} | record
    shop.control("POST", "snapshot", {"id": poor, "tags": tags})
    refused = beside(shop, "orders-poor", "--point", poor)
    assert refused.code == 1, refused
    for words in ("extension pgcrypto is missing", "table public.notes is missing",
                  "table public.ledger: no rows", "--no-checks"):
        assert words in refused.err
    assert beside(shop, "orders-poor", "--point", poor, "--no-checks").code == 0
    remove(shop, "orders-poor")
    shop.control("POST", "snapshot", {"id": poor, "delete": True})


def test_a_check_or_hook_that_fails_stops_with_both_kept_and_a_mended_one_goes_on(shop, tmp_path):
    broken = rows(shop)
    before = instances(shop)["orders"]
    configure(shop, check(TRUE) + "\n" + check(FALSE))
    failed = shop.tidemark("restore", "orders", "--yes", "--point", shop.point)
    assert failed.code == 1, failed
    for words in ("check 'a million orders'", "orders is the restored instance",
                  "the one before is kept as orders-replaced-", "restore rollback orders"):
        assert words in failed.err
    found = instances(shop)
    (replaced,) = (name for name in found if "-replaced-" in name)
    assert found[replaced]["DbiResourceId"] == before["DbiResourceId"]
    assert role_of(found["orders"]) == "restored open"
    assert (rows(shop), rows(shop, replaced)) == (shop.good_rows, broken)

    configure(shop, hook(shop, "echo half of it is done; echo no such table >&2; exit 3")
              + "\n" + check(TRUE))
    failed = shop.tidemark("restore", "orders", "--yes")
    assert failed.code == 1, failed
    for words in ("ended with 3", "no such table", "restore-hook-", "restore rollback orders"):
        assert words in failed.err
    assert "begins at" not in failed.err, "our own note is taken for the hook's word"
    (log,) = shop.state.glob("restore-hook-*.log")
    assert "half of it is done" in log.read_text()
    assert "no such table" in log.read_text()

    seen = tmp_path / "environment"
    configure(shop, hook(shop, f'env > {seen}; echo "$1" >> {seen}') + "\n" + check(TRUE))
    done = shop.tidemark("restore", "orders", "--yes")
    assert done.code == 0, done
    environment = dict(line.split("=", 1) for line in seen.read_text().splitlines() if "=" in line)
    endpoint = instances(shop)["orders"]["Endpoint"]
    assert environment["TIDEMARK_SOURCE"] == environment["TIDEMARK_INSTANCE"] == "orders"
    assert environment["TIDEMARK_RESTORED_FROM"] == shop.point
    assert environment["PGHOST"] == environment["TIDEMARK_HOST"] == endpoint["Address"]
    assert environment["PGPORT"] == environment["TIDEMARK_PORT"] == str(endpoint["Port"])
    assert (environment["PGUSER"], environment["PGDATABASE"]) == ("master", "shop")
    assert environment["PGSSLMODE"] == "verify-full"
    assert environment["PGSSLROOTCERT"] == shop.environment["SANDBOX_CA"]
    assert not [name for name in environment if name.startswith("AWS_")]
    assert "PATH" in environment
    assert seen.read_text().endswith("an argument\n")
    assert PASSWORD not in seen.read_text()
    assert role_of(instances(shop)["orders"]) == "restored done"
    assert differences(before, instances(shop)["orders"]) == {
    }

@contextmanager
def a_client_of(world: World, name: str):
    """Somebody who is connected to it, as long as it takes."""
    client = subprocess.Popen(["psql", "-XAtq", url_of(world, name)], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    client.stdin.write("select 'here';\n")
    client.stdin.flush()
    assert client.stdout.readline() == "here\n"
    yield
    client.stdin.close()
    client.wait(timeout=60)
    others = ("select count(*) from pg_stat_activity where application_name = 'psql' "
              "and pid <> pg_backend_pid()")
    until(lambda: world.sql(name, others).strip() == "0", "it to be gone")


def test_an_instance_that_somebody_is_connected_to_is_not_retired(shop):
    (replaced,) = (name for name in instances(shop) if "-replaced-" in name)
    with a_client_of(shop, replaced):
        refused = shop.tidemark("restore", "retire", "orders", "--yes")
        assert refused.code == 16, refused
        assert f"1 client(s) are connected to {replaced}" in refused.err
        plan = shop.tidemark("restore", "retire", "orders", "--despite-clients", "--dry-run")
        assert plan.code == 0, plan
        assert replaced in instances(shop)
    waiting = AtThePrompt(shop, ["restore", "retire", "orders"])
    with a_client_of(shop, replaced):
        code, shown = waiting.answer(replaced)
        assert code == 19, shown
        assert f"1 client(s) are connected to {replaced}" in shown
        assert replaced in instances(shop)

def test_the_history_goes_on_after_it_and_retiring_leaves_the_restored_one_alone(shop):
    assert shop.tidemark("restore", "retire", "orders", "--yes").code == 0
    assert list(instances(shop)) == ["orders"]
    assert rows(shop) == shop.good_rows
    good = {one["id"] for one in shop.tidemark("list", "orders", "--json").json["points"]
            if one["state"] == "good"}
    assert shop.point in good


@pytest.mark.parametrize("password", [PASSWORD, None])
def test_a_name_that_still_leads_to_the_instance_before_is_not_believed(shop, password):
    configure(shop, check(TRUE) if password else "", password)
    shop.sql("orders", "create table scar as select 1 as n")
    shop.control("POST", "dns", {"stale_seconds": 7})
    done = shop.tidemark("restore", "orders", "--yes", "--point", shop.point)
    name = shop.control("GET", "dns")["names"]["orders.eu-west-1"]
    shop.control("POST", "dns", {"stale_seconds": 0})
    assert done.code == (0 if password else 3), done
    assert not name["stale"], "it was done while the name led to the instance before"
    assert "does not exist" in shop.sql("orders", "select n from scar")
    assert rows(shop) == shop.good_rows
    assert shop.tidemark("restore", "retire", "orders", "--yes", "--no-final-snapshot").code == 0


def test_what_nobody_can_tell_is_not_called_done_until_somebody_vouches_for_it(shop):
    """The instance before is said to be available, and does not answer."""
    configure(shop, check(FALSE))
    assert shop.tidemark("restore", "orders", "--yes", "--point", shop.point).code == 1
    (replaced,) = (name for name in instances(shop) if "-replaced-" in name)
    rds = shop.client_for_waits
    rds.stop_db_instance(DBInstanceIdentifier=replaced)
    until(lambda: instances(shop)[replaced]["DBInstanceStatus"] == "stopped", "it to stop")
    shop.control("POST", "instance", {"id": replaced, "status": "available"})
    configure(shop, check(TRUE))
    refused = shop.tidemark("restore", "orders", "--yes", "--deadline", "1s")
    assert refused.code == 1, refused
    assert "nobody can tell whether" in refused.err
    assert "--trust-name" in refused.err
    assert role_of(instances(shop)["orders"]) == "restored open"
    trusted = shop.tidemark("restore", "orders", "--yes", "--deadline", "1s", "--trust-name")
    assert trusted.code == 3, trusted
    assert "was trusted" in trusted.out
    assert role_of(instances(shop)["orders"]) == "restored done"
    shop.control("POST", "instance", {"id": replaced, "status": None})
    rds.start_db_instance(DBInstanceIdentifier=replaced)
    shop.wait(replaced)
    assert shop.tidemark("restore", "retire", "orders", "--yes", "--no-final-snapshot").code == 0


def test_a_new_master_password_holds_before_the_checks_log_in_with_it(shop, tmp_path):
    configure(shop, check(TRUE))
    secret = tmp_path / "new-password"
    secret.write_text("another-one-4711\n")
    secret.chmod(0o600)
    done = beside(shop, "orders-new", "--master-password-file", secret)
    assert done.code == 0, done
    url = url_of(shop, "orders-new")
    assert psql(url, "select 1") == "1"
    assert "another-one-4711" in url
    assert "authentication failed" in psql(url.replace("4711", "4712"), "select 1")
    remove(shop, "orders-new")
#-- killed -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- --

def kill_after(world: World, *calls: str) -> None:
    """Kills a restore when the service has answered these calls, one after the other. One that ends
    or stands still before is told with all that it said and asked."""
    def came_so_far() -> bool:
        made = iter(world.calls())
        return all(call in made for call in calls)

    world.control("DELETE", "log")
    world.faults({"action": calls[-1], "kind": "slow", "seconds": 5, "count": -1,
                  "skip": calls[:-1].count(calls[-1])})
    process = world.start("restore", "orders", "--yes", "--point", world.point)
    wrong = ""
    try:
        until(lambda: process.poll() is not None or came_so_far(), f"{calls[-1]} to be answered")
        if process.poll() is not None:
            wrong = f"it ended with {process.returncode} before {calls[-1]} was answered"
    except AssertionError as waited:
        wrong = str(waited)
    process.kill()
    out, err = process.communicate()
    world.faults()
    assert not wrong, f"{calls}: {wrong}\n{out}\n{err}\n{world.calls()}\n{instances(world)}"


CHANGES = [("AddTagsToResource",), ("CreateDBSnapshot",), ("ModifyDBInstance",),
           ("RestoreDBInstanceFromDBSnapshot",),
           ("RestoreDBInstanceFromDBSnapshot", "ModifyDBInstance"),
           ("RestoreDBInstanceFromDBSnapshot", "ModifyDBInstance", "AddTagsToResource")]


def check_scarred(world: World, resource: str) -> None:
    back = world.wait("orders")
    assert back["DbiResourceId"] == resource
    assert marks(back).keys() <= {"tidemark:restore-took", "tidemark:restore-final"}
    assert world.sql("orders", "select note from scar") == "of tonight"


def test_a_rollback_of_a_restore_killed_at_any_step_gives_back_the_rows_of_its_last_moment(shop):
    configure(shop, check(TRUE))
    shop.sql("orders", "drop table if exists scar; create table scar as select 'of tonight' as note")
    resource = instances(shop)["orders"]["DbiResourceId"]
    for calls in CHANGES:
        kill_after(shop, *calls)
        back = shop.tidemark("restore", "rollback", "orders", "--yes")
        assert back.code == 0, (calls, back)
        check_scarred(shop, resource)


def test_a_restore_killed_at_every_step_one_after_the_other_is_completed(shop):
    resource = instances(shop)["orders"]["DbiResourceId"]
    safe = set(safety_snapshots(shop))
    for calls in (CHANGES[0], CHANGES[1], CHANGES[2], CHANGES[3], ("ModifyDBInstance",),
                  ("AddTagsToResource",)):
        kill_after(shop, *calls)
    done = shop.tidemark("restore", "orders", "--yes", "--point", shop.point)
    assert done.code == 0 or "restored already" in done.err, done
    assert rows(shop) == shop.good_rows
    found = instances(shop)
    (replaced,) = (name for name, one in found.items() if one["DbiResourceId"] == resource)
    assert (role_of(found["orders"]), role_of(found[replaced])) == ("restored done", "replaced done")
    assert shop.sql(replaced, "select note from scar") == "of tonight"
    assert len(set(safety_snapshots(shop)) - safe) == 1
    assert shop.tidemark("restore", "retire", "orders", "--yes", "--no-final-snapshot").code == 0

#-- to a moment -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -- -

def a_moment_later(world: World) -> str:
    """The next whole second, when it is over."""
    moment = world.sql("orders", "select to_char(date_trunc('second', clock_timestamp() + "
                                 "interval '1 second') at time zone 'utc', "
                                 "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")
    until(lambda: world.sql("orders", f"select clock_timestamp() > '{moment}'") == "t", "it to pass")
    return moment


def wait_restorable(world: World, moment: str) -> None:
    def restorable():
        latest = instances(world)["orders"]["LatestRestorableTime"]
        return latest.strftime("%Y-%m-%dT%H:%M:%SZ") > moment

    until(restorable, "the moment to be restorable")


def test_to_a_moment_in_place(shop):
    configure(shop)
    shop.sql("orders", "create table marker as select 'before' as note")
    moment = a_moment_later(shop)
    shop.sql("orders", "update marker set note = 'after'; truncate orders cascade")
    wait_restorable(shop, moment)
    before = instances(shop)["orders"]
    done = shop.tidemark("restore", "orders", "--to-time", moment, "--yes")
    assert done.code == 0, done
    assert shop.sql("orders", "select note from marker") == "before"
    assert rows(shop) == shop.good_rows
    assert differences(before, instances(shop)["orders"]) == {
}
    assert shop.tidemark("restore", "retire", "orders", "--yes", "--no-final-snapshot").code == 0


def test_to_a_moment_what_the_point_before_it_had_and_is_missing_is_a_warning(shop):
    shop.passes()
    shop.sql("orders", "drop table notes")
    moment = a_moment_later(shop)
    wait_restorable(shop, moment)
    doubtful = beside(shop, "orders-then", "--to-time", moment)
    assert doubtful.code == 3, doubtful
    assert "table public.notes is missing (compared with the nearest point before" in doubtful.out
    remove(shop, "orders-then")


def test_to_the_last_moment_of_an_instance_that_is_deleted(shop):
    before = instances(shop)["orders"]
    shop.sql("orders", "update marker set note = 'the last'")
    wait_restorable(shop, a_moment_later(shop))
    rds = shop.client_for_waits
    rds.modify_db_instance(DBInstanceIdentifier="orders", DeletionProtection=False)
    shop.wait("orders")
    rds.delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True,
                           DeleteAutomatedBackups=False)
    shop.wait_gone("orders")
    done = shop.tidemark("restore", "orders", "--to-time", "latest", "--yes")
    assert done.code in (0, 3), done
    asked = [one["params"] for one in shop.control("GET", "log")
             if one["action"] == "RestoreDBInstanceToPointInTime"][-1]
    assert asked["UseLatestRestorableTime"] == "true"
    assert "RestoreTime" not in asked
    assert shop.sql("orders", "select note from marker") == "the last"
    assert rows(shop) == shop.good_rows
    changed = differences(before, instances(shop)["orders"])
    assert changed == {}, "settings come from the newest point"
