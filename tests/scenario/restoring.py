"""Instances worth restoring, and how the stories look at what a restore made of them: by boto3, by
psql, and by the sandbox's own record; never by what Tidemark says."""

import os
import pty
import select
import shlex
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from saved_settings import tags_of
from story import PASSWORD, World, command, psql, until

ROLE = "arn:aws:iam::123456789012:role/"
GROUPS = {"subnets": "shop-net", "parameters": "shop-15", "options": "shop-options"}
# Nothing of it is what RDS gives to a restored instance by itself.
EVERYTHING = {
    "DBInstanceClass": "db.m6g.large", "AllocatedStorage": 400, "StorageType": "gp3",
    "Iops": 13000, "StorageThroughput": 600, "MaxAllocatedStorage": 1000, "MultiAZ": True,
    "VpcSecurityGroupIds": ["sg-app", "sg-admin"], "DBSubnetGroupName": GROUPS["subnets"],
    "DBParameterGroupName": GROUPS["parameters"], "OptionGroupName": GROUPS["options"],
    "Port": 6543, "PubliclyAccessible": True, "CACertificateIdentifier": "rds-ca-ecc384-g1",
    "MonitoringInterval": 30, "MonitoringRoleArn": f"{ROLE}monitoring",
    "EnablePerformanceInsights": True, "PerformanceInsightsRetentionPeriod": 93,
    "PreferredMaintenanceWindow": "tue:05:00-tue:05:30", "PreferredBackupWindow": "03:00-03:30",
    "BackupRetentionPeriod": 5, "DeletionProtection": True,
    "EnableIAMDatabaseAuthentication": True, "AutoMinorVersionUpgrade": False,
    "EnableCloudwatchLogsExports": ["postgresql", "upgrade"], "CopyTagsToSnapshot": True,
    "StorageEncrypted": True, "EngineLifecycleSupport": "open-source-rds-extended-support-disabled",
    "Tags": [{"Key": "team", "Value": "shop"}, {"Key": "Größe", "Value": "naïve: 4711"}],
}
# What tells one instance from another, and the moment from the moment before.
OF_THE_INSTANCE = {"DbiResourceId", "InstanceCreateTime", "LatestRestorableTime"}
# A restored instance is never public, whatever the one before was.
ON_PURPOSE = {"PubliclyAccessible"}


def make_groups(world: World) -> None:
    rds = world.client("rds")
    rds.create_db_subnet_group(DBSubnetGroupName=GROUPS["subnets"], DBSubnetGroupDescription="d",
                               SubnetIds=["subnet-1", "subnet-2"])
    rds.create_option_group(OptionGroupName=GROUPS["options"], EngineName="postgres",
                            MajorEngineVersion="15", OptionGroupDescription="d")
    rds.create_db_parameter_group(DBParameterGroupName=GROUPS["parameters"], Description="d",
                                  DBParameterGroupFamily="postgres15")
    rds.modify_db_parameter_group(DBParameterGroupName=GROUPS["parameters"], Parameters=[
        {"ParameterName": "max_connections", "ParameterValue": "77",
         "ApplyMethod": "pending-reboot"},
        {"ParameterName": "work_mem", "ParameterValue": "5120", "ApplyMethod": "immediate"}])


def create_everything(world: World, name: str = "orders", **changes: Any) -> None:
    make_groups(world)
    world.create(name, **(EVERYTHING | changes))
    rds = world.client("rds")
    for role, feature in (("import", "s3Import"), ("lambda", "Lambda")):
        rds.add_role_to_db_instance(DBInstanceIdentifier=name, RoleArn=ROLE + role,
                                    FeatureName=feature)
    world.wait(name)


def fill(world: World, name: str = "orders") -> None:
    filled = command("fill", "--dir", world.folder, "--instance", name, "--size", "small")
    assert filled.returncode == 0, filled.stderr


def url_of(world: World, name: str = "orders") -> str:
    url = command("psql-url", "--dir", world.folder, "--instance", name)
    assert url.returncode == 0, url.stderr
    return url.stdout.strip()


# -- configuration -----------------------------------------------------------------------------

def configure(world: World, restore: str = "", password: str | None = PASSWORD) -> None:
    """One source with a login, whatever [source.orders.restore] shall hold, and one daily policy."""
    secret = world.folder.parent / "password"
    secret.write_text((password or "") + "\n")
    secret.chmod(0o600)
    login = f'password_file = "{secret}"\n' if password else ""
    world.config.write_text(
        "[source.orders]\n"
        f'[source.orders.database]\n{login}ca_bundle = "{world.environment["SANDBOX_CA"]}"\n'
        f"[source.orders.restore]\n{restore}\n"
        '[policy.default]\nschedule = "daily"\nkeep = { daily = 7, weekly = 8, monthly = 24 }\n')


def hook(world: World, body: str) -> str:
    """A hook with this body, as a line of the configuration."""
    script = world.folder.parent / "hook.sh"
    script.write_text("#!/bin/sh\n" + body)
    script.chmod(0o755)
    return f'hook = ["{script}", "an argument"]'


# -- looking -----------------------------------------------------------------------------------

def instances(world: World) -> dict[str, dict[str, Any]]:
    """As boto3 describes them, by name."""
    listed = world.client_for_waits.get_paginator("describe_db_instances").paginate()
    return {one["DBInstanceIdentifier"]: one for page in listed for one in page["DBInstances"]}


def resource(world: World, name: str) -> str:
    return instances(world)[name]["DbiResourceId"]


def users_tags(instance: dict[str, Any]) -> dict[str, str]:
    return {k: v for k, v in tags_of(instance).items() if not k.startswith("tidemark:")}


def marks(instance: dict[str, Any]) -> dict[str, str]:
    return {k: v for k, v in tags_of(instance).items() if k.startswith("tidemark:restore")}


def role_of(instance: dict[str, Any]) -> str:
    """replaced, restored or discarded, and how far it is."""
    return " ".join(tags_of(instance).get("tidemark:restore", "").split()[1:3])


def settings(instance: dict[str, Any]) -> dict[str, Any]:
    """Every member that boto3 gives, except what tells one instance from another."""
    kept = {k: v for k, v in instance.items() if k not in OF_THE_INSTANCE | ON_PURPOSE}
    kept["TagList"] = users_tags(instance)
    for name, key in (("AssociatedRoles", "FeatureName"), ("VpcSecurityGroups",
                                                            "VpcSecurityGroupId")):
        kept[name] = sorted(instance[name], key=lambda one: one[key])
    return kept


def differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    left, right = settings(before), settings(after)
    return {name: (left.get(name), right.get(name)) for name in left.keys() | right.keys()
            if left.get(name) != right.get(name)}


def safety_snapshots(world: World) -> list[str]:
    return [name for name, one in world.snapshots().items()
            if one["tags"].get("tidemark:kind") == "safety"]


def changing_calls(world: World) -> list[str]:
    """The requests of Tidemark that were no questions, in order."""
    return [action for action in world.calls()
            if not action.startswith(("Describe", "List", "Get", "Simulate"))]


# -- an application ----------------------------------------------------------------------------

TICKS = "create table ticks (n bigint primary key)"
ORDER = ("with tick as (insert into ticks values ({n})) insert into orders (user_id, state, net, "
         "tax, lines, placed_at) select id, 'new', 100, 19, '[]', now() from users "
         "order by id limit 1")


@dataclass
class Application:
    """Takes orders as long as it lives, by one connection string that it never changes."""

    url: str
    taken: list[int] = field(default_factory=list)  # acknowledged by the database
    failed: int = 0
    _end: threading.Event = field(default_factory=threading.Event)
    _tried: int = 0

    def __enter__(self) -> "Application":
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(0.02):
            self._tried += 1
            answer = psql(self.url + "&connect_timeout=2", ORDER.format(n=self._tried))
            if answer.startswith("ERROR"):
                self.failed += 1
            else:
                self.taken.append(self._tried)

    def wait_for_orders(self, more: int = 3) -> None:
        goal = len(self.taken) + more
        until(lambda: len(self.taken) >= goal, f"{more} more orders")


def ticks(world: World, name: str) -> set[int]:
    return {int(n) for n in world.sql(name, "select n from ticks").split()}


ROWS = ("select (select count(*) || ':' || coalesce(sum(hashtext(o::text)), 0) from orders o), "
        "(select count(*) || ':' || coalesce(sum(hashtext(u::text)), 0) from users u), "
        "(select count(*) || ':' || coalesce(sum(hashtext(e::text)), 0) from events e)")


def rows(world: World, name: str = "orders") -> str:
    """Of the tables that matter, a digest of every row."""
    found = world.sql(name, ROWS)
    assert not found.startswith("ERROR"), found
    return found


# -- a terminal --------------------------------------------------------------------------------

def on_a_terminal(world: World, words: list[str], typed: str) -> subprocess.CompletedProcess:
    """Runs it on a terminal of its own, where somebody types."""
    from story import TIDEMARK
    line = shlex.join([str(TIDEMARK), *words])
    return subprocess.run(
        ["script", "-qec", line, "/dev/null"], env=world.variables({"TERM": "xterm"}, words),
        input=typed, text=True, capture_output=True, timeout=90)


class AtThePrompt:
    """A command on a terminal of its own that has asked its question, and waits."""

    def __init__(self, world, words):
        self.master, slave = pty.openpty()
        from story import TIDEMARK
        self.process = subprocess.Popen(
            [TIDEMARK, *words], env=world.variables({"TERM": "xterm"}, words), stdin=slave,
            stdout=slave, stderr=slave)
        os.close(slave)
        self.shown = b""
        while b"Type " not in self.shown or not self.shown.rstrip().endswith(b":"):
            self.shown += self.read()

    def read(self):
        ready, _, _ = select.select([self.master], [], [], 60)
        assert ready, f"nothing was said for a minute after: {self.shown.decode()}"
        return os.read(self.master, 4096)

    def answer(self, text):
        """Its exit code, and all that it showed."""
        os.write(self.master, text.encode() + b"\n")
        while True:
            try:
                more = self.read()
            except OSError:  # how Linux tells that nobody has the other end any more
                more = b""
            if not more:
                break
            self.shown += more
        os.close(self.master)
        return self.process.wait(timeout=60), self.shown.decode()
