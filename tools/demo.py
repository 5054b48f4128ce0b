#!/usr/bin/env python3
"""The demo: a sandbox, a real PostgreSQL instance with rows in it, and Tidemark protecting it; then
the rows are destroyed, and brought back under the same name. Beside it a week of archives, from which
one table and a plain pg_restore file come back.

Everything runs on this machine; nothing is left behind.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from urllib.parse import urlsplit

import boto3

ROOT = pathlib.Path(__file__).resolve().parent.parent
TIDEMARK = ROOT / "build/release/tidemark"
INSTANCE = "shop-prod"
CONFIG = f"""
[repository]
url = "{{folder}}/repository"
key_file = "{{folder}}/repository.key"

[source.shop]
instance = "{INSTANCE}"

[source.shop.database]
password_file = "{{folder}}/password"
ca_bundle = "{{ca}}"

[[source.shop.restore.check]]
name = "there are orders"
sql = "select count(*) > 0 from public.orders"

[policy.default]
schedule = "daily 02:30"
time_zone = "Europe/Berlin"
keep = {{{{ daily = 7, weekly = 8, monthly = 24, yearly = 10 }}}}
"""
PASSWORD = "correct-horse"
READY_DEADLINE_SECONDS = 120


def say(text):
    print(f"\n\033[1m== {text}\033[0m" if sys.stdout.isatty() else f"\n== {text}", flush=True)


def sandbox(*words):
    command = [sys.executable, "-m", "sandbox", *words]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def tidemark(*words, expect=0):
    print(f"$ tidemark {' '.join(words)}", flush=True)
    code = subprocess.run([TIDEMARK, *words], check=False).returncode
    if code != expect:
        sys.exit(f"demo: tidemark {words[0]} ended with {code} instead of {expect}")


def create_instance(rds):
    rds.create_db_instance(
        DBInstanceIdentifier=INSTANCE, DBInstanceClass="db.t3.micro", Engine="postgres",
        AllocatedStorage=20, MasterUsername="shop",
        MasterUserPassword=PASSWORD, DBName="shop", MultiAZ=True, DeletionProtection=True,
        BackupRetentionPeriod=7, PubliclyAccessible=False,
        PreferredMaintenanceWindow="tue:05:00-tue:05:30",
        Tags=[{"Key": "team", "Value": "shop"}])
    deadline = time.monotonic() + READY_DEADLINE_SECONDS
    while time.monotonic() < deadline:
        instance = rds.describe_db_instances(DBInstanceIdentifier=INSTANCE)["DBInstances"][0]
        if instance["DBInstanceStatus"] == "available":
            return
        time.sleep(0.2)
    sys.exit(f"demo: {INSTANCE} did not become available")


def count_rows(url):
    query = ("select format('%s tables, %s orders', (select count(*) from pg_class c join "
             "pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and "
             "n.nspname not in ('pg_catalog', 'information_schema')), "
             "(select count(*) from orders))")
    return subprocess.run(["psql", url, "-XAtqc", query], check=True, capture_output=True,
                          text=True).stdout.strip()


def settings_of(rds):
    """What boto3 shows of the instance, without what tells one instance from another."""
    instance = rds.describe_db_instances(DBInstanceIdentifier=INSTANCE)["DBInstances"][0]
    for name in ("DbiResourceId", "InstanceCreateTime", "LatestRestorableTime", "TagList"):
        instance.pop(name, None)
    return instance


def destroy_and_restore(rds, url):
    before, rows = settings_of(rds), count_rows(url)
    say("the worst day: somebody drops a table of the live database")
    subprocess.run(["psql", url, "-XAtqc", "drop table orders cascade"], check=True,
                   capture_output=True)
    failed = subprocess.run(["psql", url, "-XAtqc", "select count(*) from orders"], text=True,
                            capture_output=True)
    print(failed.stderr.strip())

    say("one command brings it back: same name, same settings, nothing deleted")
    tidemark("restore", "shop", "--yes")

    say("the same URL as before, and what boto3 says of the settings")
    print(count_rows(url))
    if count_rows(url) != rows:
        sys.exit("demo: the rows are not those of the snapshot")
    changed = [name for name, value in settings_of(rds).items() if before.get(name) != value]
    print(f"settings that differ from before: {', '.join(changed) or 'none'}")
    if changed:
        sys.exit("demo: the restored instance has other settings")

    say("content: the instance before is deleted, after a final snapshot")
    tidemark("restore", "retire", "shop", "--yes")
    tidemark("run", "--once")
    tidemark("list")


# A day of the shop: some users change, some events come in.
A_DAY = """
update users set name = name || '.' where id % 50 = {day};
insert into events select gen_random_uuid(), at + interval '1 day', user_id, kind, body
  from events where mod(extract(epoch from at)::bigint, 50) = {day};
"""


def sql(url, statements):
    done = subprocess.run(["psql", url, "-XAtqc", statements], check=True, capture_output=True,
                          text=True)
    return done.stdout.strip()


def without_password(url):
    """For an argument, which every process of the machine can read; libpq takes it from PGPASSWORD."""
    parts = urlsplit(url)
    os.environ["PGPASSWORD"] = PASSWORD
    return parts._replace(netloc=f"{parts.username}@{parts.hostname}:{parts.port}").geturl()


def archive_and_return(url, folder):
    say("archives: a week of days outside of RDS, each for about what changed")
    tidemark("repo", "init")
    for day in range(7):
        if day > 0:
            sql(url, A_DAY.format(day=day))
        tidemark("archive", "shop", "--quiet")
    tidemark("archives")

    say("one table comes back from an archive, into the live database")
    content = "select md5(string_agg(u::text, ',' order by id)) from users u"
    before = sql(url, content)
    sql(url, "update users set name = 'oops'")
    tidemark("restore", "shop/shop", "--table", "public.users", "--as", "public.users_then", "--to", url)
    if sql(url, content.replace("users u", "users_then u")) != before:
        sys.exit("demo: the table is not what it was")
    sql(url, "drop table users_then")

    say("and a plain file, which the stock pg_restore takes without Tidemark")
    tidemark("download", "shop/shop", "-o", f"{folder}/shop.dump")
    sql(url, "create database from_file")
    other = urlsplit(url)._replace(path="/from_file").geturl()
    subprocess.run(["pg_restore", "-d", other, f"{folder}/shop.dump"], check=True)
    print(count_rows(other))
    if count_rows(other) != count_rows(url):
        sys.exit("demo: the file does not hold what the database does")
    sql(url, "drop database from_file")


def run(folder):
    environment = dict(line.split("=", 1) for line in sandbox("up", "--dir", folder).splitlines())
    os.environ.update(environment)
    os.environ["TIDEMARK_CONFIG"] = f"{folder}/tidemark.toml"
    os.environ["TIDEMARK_STATE_DIR"] = folder
    config = CONFIG.format(folder=folder, ca=os.environ["SANDBOX_CA"])
    pathlib.Path(os.environ["TIDEMARK_CONFIG"]).write_text(config)
    password = pathlib.Path(folder, "password")
    password.touch(mode=0o600)
    password.write_text(PASSWORD + "\n")
    rds = boto3.client("rds")

    say("a database worth keeping: a PostgreSQL server behind the RDS API")
    create_instance(rds)
    sandbox("fill", "--dir", folder, "--instance", INSTANCE, "--size", "small")
    url = sandbox("psql-url", "--dir", folder, "--instance", INSTANCE).strip()
    print(count_rows(url))

    say("before: nothing protects it, and status says so in its first line")
    tidemark("status", expect=14)

    say("one pass takes the point that is due and waits for it")
    tidemark("run", "--once")

    say("after")
    tidemark("status")
    tidemark("list")

    say("what another client (boto3) sees")
    for snapshot in rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]:
        print(snapshot["DBSnapshotIdentifier"], snapshot["Status"],
              snapshot["SnapshotCreateTime"].strftime("%Y-%m-%dT%H:%M:%SZ"))
        if snapshot["Status"] != "available":
            sys.exit("demo: the snapshot is not available")

    archive_and_return(without_password(url), folder)
    destroy_and_restore(rds, url)

    say("what this policy keeps over ten years")
    tidemark("retention", "simulate", "--for", "10y")


def main():
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tidemark-demo-") as folder:
        try:
            run(folder)
        finally:
            sandbox("down", "--dir", folder)
    say(f"done in {time.monotonic() - started:.0f} s; everything is gone again")


if __name__ == "__main__":
    main()
