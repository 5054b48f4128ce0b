"""The control API under /_sandbox/: faults, the journal, the clock, and states set by hand.

Unauthenticated and loopback only; documented in README.md. Bodies and answers are JSON.
"""

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from sandbox import ACCOUNT_ID, REGION
from sandbox.aws.credentials import KeyRing
from sandbox.aws.messages import Reply, Request, ServiceError
from sandbox.aws.rds_defaults import default_fields, default_version
from sandbox.aws.rds_names import split_arn
from sandbox.aws.rds_service import RdsService
from sandbox.aws.rds_store import Instance, Region, Snapshot, Store, new_resource_id
from sandbox.faults import Faults
from sandbox.journal import Journal

BULK_SNAPSHOTS_MAX = 200_000
PREFIX = "/_sandbox/"


class Control:
    def __init__(self, store: Store, rds: RdsService, faults: Faults, journal: Journal,
                 keys: KeyRing):
        self.store, self.rds, self.faults, self.journal = store, rds, faults, journal
        self.keys = keys
        self._routes = {
            ("GET", "faults"): lambda _: self.faults.left(),
            ("POST", "faults"): self.set_faults,
            ("GET", "log"): lambda _: self.journal.entries(),
            ("DELETE", "log"): lambda _: self.journal.clear(),
            ("GET", "clock"): lambda _: self.clock_state(),
            ("POST", "clock"): self.set_clock,
            ("POST", "security-groups"): self.set_security_groups,
            ("POST", "engine"): self.set_engine,
            ("POST", "quotas"): self.set_quotas,
            ("POST", "users"): self.add_user,
            ("POST", "snapshots"): self.add_snapshots,
            ("POST", "instance"): self.change_instance,
            ("POST", "snapshot"): self.change_snapshot,
            ("GET", "dns"): lambda _: self.dns_state(),
            ("POST", "dns"): self.set_dns,
            ("GET", "state"): lambda _: self.state(),
            ("GET", "secret"): lambda _: self.secrets(),
            ("GET", "ready"): lambda _: {"ready": True},
        }

    def answer(self, request: Request) -> Reply:
        act = self._routes.get((request.method, request.path.removeprefix(PREFIX)))
        if act is None:
            return json_reply(404, {"error": f"no such control: {request.method} {request.path}"})
        try:
            body = json.loads(request.body) if request.body else {}
            return json_reply(200, act(body))
        except (ValueError, TypeError, KeyError, ServiceError) as error:
            return json_reply(400, {"error": f"{type(error).__name__}: {error}"})

    def set_faults(self, body: list[dict[str, Any]]) -> Any:
        self.faults.replace(body or [])
        return self.faults.left()

    def set_clock(self, body: dict[str, Any]) -> Any:
        self.store.clock.offset_seconds = float(body["offset_seconds"])
        return self.clock_state()

    def clock_state(self) -> dict[str, Any]:
        clock = self.store.clock
        return {"offset_seconds": clock.offset_seconds, "now": clock.now().isoformat()}

    def set_dns(self, body: dict[str, Any]) -> Any:
        """How long renames from now on leave the old name stale; `flush` ends what is stale."""
        if "stale_seconds" in body:
            self.store.settings.stale_dns_seconds = float(body["stale_seconds"])
        if body.get("flush") and self.store.fleet is not None:
            self.store.fleet.names.flush()
        return self.dns_state()

    def dns_state(self) -> dict[str, Any]:
        names = self.store.fleet.names.state() if self.store.fleet is not None else {}
        return {"stale_seconds": self.store.settings.stale_dns_seconds, "names": names}

    def set_security_groups(self, body: dict[str, Any]) -> Any:
        """`gone` replaces the list of security groups of the region that no longer exist."""
        region = self.store.region(body.get("region", REGION))
        region.gone_security_groups = set(body["gone"])
        return {"gone": sorted(region.gone_security_groups)}

    def set_engine(self, body: dict[str, Any]) -> Any:
        """`withdrawn` replaces the list of engine versions and majors that RDS has no more."""
        self.store.withdrawn = {str(v) for v in body["withdrawn"]}
        return {"withdrawn": sorted(self.store.withdrawn)}

    def set_quotas(self, body: dict[str, Any]) -> Any:
        """How many instances, and GiB of them all, a region may have from now on."""
        settings = self.store.settings
        settings.instance_quota = int(body.get("instances", settings.instance_quota))
        settings.storage_quota_gib = int(body.get("storage_gib", settings.storage_quota_gib))
        return {"instances": settings.instance_quota, "storage_gib": settings.storage_quota_gib}

    def add_user(self, body: dict[str, Any]) -> Any:
        """A user of IAM with one policy, or none, as if it had always been there: no fault hits its
        making, and the journal has nothing of it."""
        from moto.iam.models import iam_backends  # which takes a while to load

        backend, name = iam_backends[ACCOUNT_ID]["aws"], body["name"]
        backend.create_user(REGION, name)
        if body.get("policy"):
            backend.put_user_policy(name, "policy", json.dumps(body["policy"]))
        key = backend.create_access_key(name)
        self.keys.add(key.access_key_id, key.secret_access_key)
        return {"AccessKeyId": key.access_key_id, "SecretAccessKey": key.secret_access_key}

    def _find(self, ident: str, body: dict[str, Any]) -> tuple[Region, str]:
        if ident.startswith("arn:"):
            place, _, ident = split_arn(ident)
            return self.store.region(place), ident
        return self.store.region(body.get("region", REGION)), ident.lower()

    # -- states ---------------------------------------------------------------------------------

    def change_instance(self, body: dict[str, Any]) -> Any:
        """`status` is shown until it is set to null; `fields` replaces members; `tags` the tags."""
        with self.store.lock:
            region, name = self._find(body["id"], body)
            region.settle()
            instance = region.instances[name]
            if "status" in body:
                instance.forced_status = body["status"]
            instance.fields.update(body.get("fields", {}))
            instance.tags = body.get("tags", instance.tags)
            if body.get("apply_pending"):
                self.rds.changes.apply_pending(region, instance)
            return instance_state(instance)

    def change_snapshot(self, body: dict[str, Any]) -> Any:
        """Whatever was under way for the snapshot is dropped when its status is set."""
        with self.store.lock:
            region, name = self._find(body["id"], body)
            region.settle()
            snapshot = region.snapshots[name]
            if body.get("delete"):
                region.remove_snapshot(name)
                return {}
            if "status" in body:
                if snapshot.stages is not None:
                    snapshot.stages.drop()
                snapshot.set_status(body["status"])
            snapshot.change(**{k: read_member(k, v) for k, v in body.get("fields", {}).items()})
            if "tags" in body:
                snapshot.set_tags(dict(body["tags"]))
            return snapshot_state(snapshot)

    def add_snapshots(self, body: dict[str, Any]) -> Any:
        """Many records at once, without data. They do not count against what a call may create."""
        count = int(body.get("count", 1))
        if not 0 < count <= BULK_SNAPSHOTS_MAX:
            raise ValueError(f"count must be between 1 and {BULK_SNAPSHOTS_MAX}")
        start = read_moment(body["start"]) if "start" in body else self.store.clock.now()
        step = timedelta(seconds=float(body.get("step_seconds", 86400)))
        template = body.get("identifier") or body.get("prefix", "bulk") + "-{n}"
        with self.store.lock:
            region = self.store.region(body.get("region", REGION))
            base = self._bulk_fields(region, body)
            for n in range(count):
                moment = start + n * step
                name = moment.strftime(template.replace("{n}", str(n))).lower()
                fields = base | {
                    "DBSnapshotIdentifier": name,
                    "SnapshotCreateTime": moment,
                    "OriginalSnapshotCreateTime": moment,
                    "SnapshotDatabaseTime": moment,
                    "DBSnapshotArn": region.arn("snapshot", name),
                }
                if fields["Status"] == "creating":
                    del fields["SnapshotCreateTime"]
                tags = {k: v.replace("{n}", str(n)) for k, v in body.get("tags", {}).items()}
                region.add_snapshot(Snapshot(fields, tags, region.name))
        return {"added": count}

    def _bulk_fields(self, region: Region, body: dict[str, Any]) -> dict[str, Any]:
        name = body.get("instance", "bulk").lower()
        instance = region.instances.get(name)
        like = instance.fields if instance else default_fields(region.name, default_version())
        return {
            "DBSnapshotIdentifier": "",
            "DBInstanceIdentifier": name,
            "Status": body.get("status", "available"),
            "SnapshotType": body.get("type", "manual"),
            "Engine": like["Engine"],
            "EngineVersion": like["EngineVersion"],
            "AllocatedStorage": like.get("AllocatedStorage", 20),
            "AvailabilityZone": like["AvailabilityZone"],
            "MasterUsername": like.get("MasterUsername", "postgres"),
            "LicenseModel": like["LicenseModel"],
            "StorageType": like["StorageType"],
            "Port": 5432,
            "PercentProgress": 100,
            "Encrypted": like["StorageEncrypted"],
            "DbiResourceId": body.get("dbi_resource_id")
            or (instance.resource_id if instance else new_resource_id()),
        }

    def state(self) -> dict[str, Any]:
        with self.store.lock:
            self.store.settle()
            regions = self.store.regions()
            return {
                "instances": [instance_state(i) for r in regions for i in r.instances.values()],
                "snapshots": [snapshot_state(r.snapshots[n]) for r in regions
                              for n in r.snapshot_names],
            }

    def secrets(self) -> dict[str, Any]:
        """Where and how to log in, for the sandbox's own commands."""
        with self.store.lock:
            self.store.settle()
            return {i.name: {
                "user": i.fields.get("MasterUsername"), "password": i.password,
                "database": i.fields.get("DBName", "postgres"),
                "address": i.fields.get("Endpoint", {}).get("Address"),
                "port": i.fields.get("Endpoint", {}).get("Port"),
                "status": i.status, "real": i.server is not None,
            } for r in self.store.regions() for i in r.instances.values()}


def read_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def read_member(name: str, value: Any) -> Any:
    return read_moment(value) if name.endswith("Time") and value is not None else value


def instance_state(instance: Instance) -> dict[str, Any]:
    return instance.fields | {"DBInstanceStatus": instance.status, "tags": instance.tags,
                              "region": instance.region}


def snapshot_state(snapshot: Snapshot) -> dict[str, Any]:
    return snapshot.fields | {"tags": snapshot.tags, "region": snapshot.region}


def json_reply(status: int, value: Any) -> Reply:
    body = json.dumps(value, default=lambda v: v.isoformat()).encode()
    return Reply(status, [("Content-Type", "application/json")], body)
