"""What the emulated RDS knows: instances, snapshots and automated backups of each region.

Records hold the members of the API's shapes under their own names, so describing one is writing it
out. One lock guards everything; slow work happens outside it, in stages (rds_stages.py).
"""

import bisect
import secrets
import string
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.aws.query_protocol import write_member
from sandbox.aws.rds_names import make_arn, tag_list
from sandbox.aws.rds_stages import Stages
from sandbox.clock import Clock
from sandbox.postgres.fleet import Fleet
from sandbox.postgres.server import PostgresServer

RESOURCE_ID_ALPHABET = string.ascii_uppercase + string.digits


def new_resource_id() -> str:
    return "db-" + "".join(secrets.choice(RESOURCE_ID_ALPHABET) for _ in range(26))


@dataclass
class Settings:
    """How this run behaves; see README.md."""

    delay_seconds: float = 1.0
    snapshot_quota: int = 100
    strict_signatures: bool = False
    iam: bool = False
    modify_lag_seconds: float = 0.0
    stale_dns_seconds: float = 0.0
    instance_quota: int = 40
    storage_quota_gib: int = 100_000
    as_if_tls: bool = False


@dataclass
class Instance:
    fields: dict[str, Any]  # members of the shape DBInstance
    tags: dict[str, str]
    stages: Stages
    region: str
    password: str = ""
    server: PostgresServer | None = None
    forced_status: str | None = None
    in_flight: set[str] = field(default_factory=set)  # members that a stage ahead will change

    @property
    def name(self) -> str:
        return self.fields["DBInstanceIdentifier"]

    @property
    def resource_id(self) -> str:
        return self.fields["DbiResourceId"]

    @property
    def status(self) -> str:
        return self.forced_status or self.fields["DBInstanceStatus"]

    @property
    def in_cluster(self) -> bool:
        return bool(self.fields.get("DBClusterIdentifier"))

    def set_status(self, status: str) -> None:
        self.fields["DBInstanceStatus"] = status

    def xml(self, latest_restorable: datetime | None = None) -> str:
        shown = {**self.fields, "DBInstanceStatus": self.status, "TagList": tag_list(self.tags),
                 "LatestRestorableTime": latest_restorable}
        return write_member("DBInstance", shown)


@dataclass
class Snapshot:
    fields: dict[str, Any]  # members of the shape DBSnapshot
    tags: dict[str, str]
    region: str
    stages: Stages | None = None
    password: str = ""
    database: str | None = None
    instance_class: str = "db.t3.micro"
    data: str | None = None  # folder with the copied data, when instances are real
    attributes: dict[str, list[str]] = field(default_factory=lambda: {"restore": []})
    _xml: str | None = None

    @property
    def name(self) -> str:
        return self.fields["DBSnapshotIdentifier"]

    @property
    def status(self) -> str:
        return self.fields["Status"]

    @property
    def kind(self) -> str:
        return self.fields["SnapshotType"]

    def change(self, **members: Any) -> None:
        self.fields.update(members)
        self._xml = None

    def set_status(self, status: str) -> None:
        self.change(Status=status)

    def set_tags(self, tags: dict[str, str]) -> None:
        self.tags = tags
        self._xml = None

    def xml(self) -> str:
        """Kept once written, so that a page of a hundred costs a join."""
        if self._xml is None:
            self._xml = write_member("DBSnapshot", {**self.fields, "TagList": tag_list(self.tags)})
        return self._xml


@dataclass
class AutomatedBackup:
    """What point-in-time restore starts from: one per instance, perhaps outliving it."""

    fields: dict[str, Any]  # members of the shape DBInstanceAutomatedBackup
    password: str
    database: str | None
    instance_class: str
    tags: dict[str, str]
    earliest: datetime | None = None
    latest: datetime | None = None  # fixed when the instance is gone


class Region:
    """The records of one region. Snapshots are listed by name, so a page has a stable order."""

    def __init__(self, name: str):
        self.name = name
        self.instances: dict[str, Instance] = {}
        self.reserved_names: set[str] = set()  # targets of renames under way
        self.snapshots: dict[str, Snapshot] = {}
        self.snapshot_names: list[str] = []
        self.backups: dict[str, AutomatedBackup] = {}  # by DbiResourceId
        self.subnet_groups: dict[str, dict[str, Any]] = {}
        self.proxies: dict[str, Any] = {}
        self.integrations: dict[str, dict[str, Any]] = {}
        self.gone_security_groups: set[str] = set()
        self.unsettled: set[str] = set()  # names of snapshots with stages ahead

    def arn(self, kind: str, name: str) -> str:
        return make_arn(self.name, kind, name)

    @property
    def storage_gib(self) -> int:
        return sum(instance.fields["AllocatedStorage"] for instance in self.instances.values())

    def add_snapshot(self, snapshot: Snapshot) -> None:
        if snapshot.name not in self.snapshots:
            bisect.insort(self.snapshot_names, snapshot.name)
        self.snapshots[snapshot.name] = snapshot
        if snapshot.stages is not None:
            self.unsettled.add(snapshot.name)

    def remove_snapshot(self, name: str) -> None:
        if self.snapshots.pop(name, None) is not None:
            del self.snapshot_names[bisect.bisect_left(self.snapshot_names, name)]
        self.unsettled.discard(name)

    def snapshots_after(self, name: str) -> Iterator[Snapshot]:
        start = bisect.bisect_right(self.snapshot_names, name) if name else 0
        for index in range(start, len(self.snapshot_names)):
            yield self.snapshots[self.snapshot_names[index]]

    def settle(self) -> None:
        for instance in list(self.instances.values()):
            if instance.stages.pending:
                instance.stages.settle()
        for name in list(self.unsettled):
            snapshot = self.snapshots[name]
            snapshot.stages.settle()
            if not snapshot.stages.pending:
                self.unsettled.discard(name)


class Store:
    def __init__(self, settings: Settings, clock: Clock, fleet: Fleet | None):
        self.settings, self.clock, self.fleet = settings, clock, fleet
        self.lock = threading.RLock()
        self.withdrawn: set[str] = set()  # engine versions and majors that RDS has no more
        self.workers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="stage")
        self._regions: dict[str, Region] = {}

    def region(self, name: str) -> Region:
        return self._regions.setdefault(name, Region(name))

    def regions(self) -> list[Region]:
        return list(self._regions.values())

    def settle(self) -> None:
        for region in self.regions():
            region.settle()

    def stages(self, on_status) -> Stages:
        return Stages(self.clock, self.workers, on_status)
