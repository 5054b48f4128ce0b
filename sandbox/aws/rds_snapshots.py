"""Snapshots: create, copy, describe, share, delete.

Methods are called under the store's lock. A snapshot is a record and, when instances are real, a
folder with a crash-consistent copy of the server's data.
"""

from typing import Any

from sandbox import ACCOUNT_ID
from sandbox.aws.kms_keys import check_key
from sandbox.aws.messages import ServiceError
from sandbox.aws.rds_backups import data_folder, discard_snapshot, finish_snapshot, snapshot_of
from sandbox.aws.rds_catalogue import check_version
from sandbox.aws.rds_defaults import major_of
from sandbox.aws.rds_names import (
    bare_name,
    check_tags,
    make_marker,
    page_size,
    read_filters,
    read_marker,
    snapshot_identifier,
    split_arn,
)
from sandbox.aws.rds_stages import FOREVER, Stage
from sandbox.aws.rds_store import Instance, Region, Snapshot, Store

FILTERS = {"db-instance-id", "db-snapshot-id", "dbi-resource-id", "snapshot-type", "engine"}
COPIES_IN_FLIGHT_MAX = 20
SNAPSHOT_ABLE = ("available", "storage-optimization")


def need_snapshot_able(instance: Instance) -> None:
    if instance.status not in SNAPSHOT_ABLE:
        raise ServiceError(
            "InvalidDBInstanceState", "Cannot create a snapshot because the database instance "
            f"{instance.name} is not currently in the available state.")


def not_found(name: str) -> ServiceError:
    return ServiceError("DBSnapshotNotFound", f"DBSnapshot {name} not found.", 404)


class Snapshots:
    def __init__(self, store: Store):
        self.store = store

    def find(self, region: Region, name_or_arn: str) -> Snapshot:
        """A snapshot by name or ARN; an ARN may point into another region."""
        if name_or_arn.startswith("arn:"):
            region = self.store.region(split_arn(name_or_arn)[0])
        name = bare_name(name_or_arn).lower()
        if name not in region.snapshots:
            raise not_found(name)
        return region.snapshots[name]

    # -- create ---------------------------------------------------------------------------------

    def create(self, region: Region, instance: Instance, parameters: dict[str, Any],
               fault_kind: str | None) -> Snapshot:
        name = snapshot_identifier(parameters["DBSnapshotIdentifier"])
        if instance.in_cluster:
            raise ServiceError(
                "InvalidParameterValue", "The specified instance is a member of a cluster and a "
                "snapshot cannot be created directly. Please use the CreateDBClusterSnapshot API "
                "instead.")
        need_snapshot_able(instance)
        snapshot, copying = self.take(region, instance, name, parameters.get("Tags", []),
                                      fault_kind)
        if fault_kind is None:
            stage = Stage("backing-up", self.store.settings.delay_seconds, running=copying.running)
            instance.stages.run(stage, then=instance.status)
        return snapshot

    def take(self, region: Region, instance: Instance, name: str, tags: list[dict[str, str]],
             fault_kind: str | None = None) -> tuple[Snapshot, Stage]:
        """The record and the stage that copies the data; also for a final snapshot."""
        if name in region.snapshots:
            raise ServiceError("DBSnapshotAlreadyExists",
                               f"Cannot create the snapshot because a snapshot with the identifier "
                               f"{name} already exists.")
        self.check_quota(region)
        given = check_tags(tags)
        if not given and instance.fields["CopyTagsToSnapshot"]:
            given = dict(instance.tags)
        snapshot = snapshot_of(self.store, region, instance, name, "manual", given)
        stage = Stage("creating", self.store.settings.delay_seconds,
                      done=lambda: finish_snapshot(self.store, snapshot))
        if fault_kind is not None:
            stage = self.faulty_stage(region, snapshot, fault_kind)
        elif instance.server is not None:
            folder = data_folder(self.store)
            snapshot.data = str(folder)
            stage.work = lambda: instance.server.copy_to(folder)
        region.add_snapshot(snapshot)
        snapshot.stages.run(stage, then="failed" if fault_kind else "available")
        return snapshot, stage

    def faulty_stage(self, region: Region, snapshot: Snapshot, kind: str) -> Stage:
        delay = self.store.settings.delay_seconds
        if kind == "snapshot-stuck":
            return Stage("creating", FOREVER)
        if kind == "snapshot-vanish":
            return Stage("creating", delay, done=lambda: region.remove_snapshot(snapshot.name))
        return Stage("creating", delay)

    def check_quota(self, region: Region) -> None:
        quota = self.store.settings.snapshot_quota
        manual = sum(s.kind == "manual" for s in region.snapshots.values())
        if manual >= quota:
            raise ServiceError("SnapshotQuotaExceeded",
                               f"Cannot create more than {quota} manual snapshots")

    def copy(self, region: Region, parameters: dict[str, Any]) -> Snapshot:
        source = self.find(region, parameters["SourceDBSnapshotIdentifier"])
        name = snapshot_identifier(parameters["TargetDBSnapshotIdentifier"],
                                   "TargetDBSnapshotIdentifier")
        if name in region.snapshots:
            raise ServiceError("DBSnapshotAlreadyExists",
                               f"A snapshot with the identifier {name} already exists.")
        if source.status != "available":
            raise wrong_state(source)
        check_key(region.name, parameters.get("KmsKeyId", source.fields.get("KmsKeyId")))
        self.check_quota(region)
        in_flight = sum(s.status == "creating" and "SourceDBSnapshotIdentifier" in s.fields
                        for s in region.snapshots.values())
        if in_flight >= COPIES_IN_FLIGHT_MAX:
            raise ServiceError(
                "SnapshotQuotaExceeded",
                f"Cannot copy more than {COPIES_IN_FLIGHT_MAX} snapshots across regions")
        tags = check_tags(parameters.get("Tags", []))
        if parameters.get("CopyTags") and not tags:
            tags = dict(source.tags)
        copied = Snapshot(dict(source.fields), tags, region.name, password=source.password,
                          database=source.database, instance_class=source.instance_class)
        copied.stages = self.store.stages(copied.set_status)
        copied.fields.pop("SnapshotCreateTime")
        copied.change(
            DBSnapshotIdentifier=name, Status="creating", SnapshotType="manual",
            DBSnapshotArn=region.arn("snapshot", name), PercentProgress=0,
            SourceDBSnapshotIdentifier=source.fields["DBSnapshotArn"],
            SourceRegion=source.region,
        )
        if key := parameters.get("KmsKeyId"):
            copied.change(KmsKeyId=key, Encrypted=True)
        stage = Stage("creating", self.store.settings.delay_seconds,
                      done=lambda: finish_snapshot(self.store, copied))
        if source.data is not None:
            folder = data_folder(self.store)
            copied.data = str(folder)
            stage.work = lambda: self.store.fleet.copy(source.data, folder)
        region.add_snapshot(copied)
        copied.stages.run(stage, then="available")
        return copied

    # -- upgrade --------------------------------------------------------------------------------

    def upgrade(self, region: Region, parameters: dict[str, Any]) -> Snapshot:
        """ModifyDBSnapshot, for a record: data of a real server cannot be upgraded here."""
        snapshot = self.find(region, parameters["DBSnapshotIdentifier"])
        if snapshot.kind != "manual" or snapshot.attributes["restore"]:
            raise ServiceError("InvalidDBSnapshotState",
                               f"The snapshot {snapshot.name} is not manual, or is shared.")
        if snapshot.status != "available":
            raise wrong_state(snapshot)
        group, now = parameters.get("OptionGroupName"), snapshot.fields["EngineVersion"]
        version = check_version(self.store, parameters.get("EngineVersion", now), False)
        if major_of(version) < major_of(now):
            raise ServiceError("InvalidParameterCombination",
                               f"Cannot upgrade postgres from {now} to {version}")
        if snapshot.data is not None and version != now:
            raise ServiceError("InvalidParameterCombination",
                               "This sandbox does not upgrade snapshots of real servers.")

        def done() -> None:
            snapshot.change(EngineVersion=version, OptionGroupName=group
                            or f"default:postgres-{major_of(version)}")

        if snapshot.stages is None:
            snapshot.stages = self.store.stages(snapshot.set_status)
        region.unsettled.add(snapshot.name)
        snapshot.stages.run(Stage("upgrading", self.store.settings.delay_seconds, done=done),
                            then="available")
        return snapshot

    # -- describe -------------------------------------------------------------------------------

    def describe(self, region: Region, parameters: dict[str, Any]) -> str:
        """The XML inside DescribeDBSnapshotsResult."""
        accepts = self.chooser(parameters)
        if wanted := parameters.get("DBSnapshotIdentifier"):
            snapshot = self.find(region, wanted)
            if not accepts(snapshot):
                raise not_found(wanted)
            return wrap([snapshot], "")
        size, after = page_size(parameters), read_marker(parameters.get("Marker", ""))
        page: list[Snapshot] = []
        for snapshot in region.snapshots_after(after):
            if accepts(snapshot):
                if len(page) == size:
                    return wrap(page, make_marker(page[-1].name))
                page.append(snapshot)
        return wrap(page, "")

    def chooser(self, parameters: dict[str, Any]):
        """Whether a snapshot is asked for. Without a type: automated and manual ones."""
        kind = parameters.get("SnapshotType")
        if kind not in (None, "automated", "manual", "shared", "public", "awsbackup"):
            raise ServiceError("InvalidParameterValue", f"Invalid snapshot type: {kind}")
        kinds = {kind} if kind else {"automated", "manual"}
        filters = read_filters(parameters, FILTERS)
        for parameter, name in (("DBInstanceIdentifier", "db-instance-id"),
                                ("DbiResourceId", "dbi-resource-id")):
            if parameter in parameters:
                filters[name] = filters.get(name, set()) | {parameters[parameter]}
        wanted = {FILTER_MEMBERS[name]: {normal(name, v) for v in values}
                  for name, values in filters.items()}

        def accepts(snapshot: Snapshot) -> bool:
            fields = snapshot.fields
            return fields["SnapshotType"] in kinds and all(
                fields.get(member) in values for member, values in wanted.items())

        return accepts

    # -- share, delete --------------------------------------------------------------------------

    def describe_attributes(self, region: Region, parameters: dict[str, Any]) -> dict[str, Any]:
        snapshot = self.find(region, parameters["DBSnapshotIdentifier"])
        listed = [{"AttributeName": name, "AttributeValues": list(values)}
                  for name, values in snapshot.attributes.items()]
        return {"DBSnapshotAttributesResult": {
            "DBSnapshotIdentifier": snapshot.name, "DBSnapshotAttributes": listed}}

    def modify_attribute(self, region: Region, parameters: dict[str, Any]) -> dict[str, Any]:
        snapshot = self.find(region, parameters["DBSnapshotIdentifier"])
        if snapshot.kind != "manual" or snapshot.status != "available":
            raise wrong_state(snapshot)
        values = snapshot.attributes.setdefault(parameters["AttributeName"], [])
        added = [v for v in parameters.get("ValuesToAdd", []) if v not in values]
        removed = set(parameters.get("ValuesToRemove", []))
        kept = [v for v in values + added if v not in removed and v != ACCOUNT_ID]
        if len(kept) > 20:
            raise ServiceError("SharedSnapshotQuotaExceeded",
                               "A snapshot can be shared with at most 20 accounts.")
        if "all" in kept and snapshot.fields["Encrypted"]:
            raise ServiceError("InvalidParameterValue",
                               "An encrypted snapshot cannot be made public.")
        snapshot.attributes[parameters["AttributeName"]] = kept
        return self.describe_attributes(region, parameters)

    def delete(self, region: Region, parameters: dict[str, Any]) -> Snapshot:
        snapshot = self.find(region, parameters["DBSnapshotIdentifier"])
        if snapshot.kind != "manual":
            raise ServiceError("InvalidDBSnapshotState",
                               f"Cannot delete the {snapshot.kind} snapshot {snapshot.name}.")
        if snapshot.status not in ("available", "failed"):
            raise wrong_state(snapshot)
        discard_snapshot(self.store, region, snapshot)
        snapshot.set_status("deleted")
        return snapshot


FILTER_MEMBERS = {
    "db-instance-id": "DBInstanceIdentifier",
    "db-snapshot-id": "DBSnapshotIdentifier",
    "dbi-resource-id": "DbiResourceId",
    "snapshot-type": "SnapshotType",
    "engine": "Engine",
}


def normal(filter_name: str, value: str) -> str:
    named = filter_name in ("db-instance-id", "db-snapshot-id")
    return bare_name(value).lower() if named else value


def wrong_state(snapshot: Snapshot) -> ServiceError:
    return ServiceError(
        "InvalidDBSnapshotState",
        f"The snapshot {snapshot.name} is not in the available state: it is {snapshot.status}.")


def wrap(snapshots: list[Snapshot], marker: str) -> str:
    listed = "".join(f"<DBSnapshot>{s.xml()}</DBSnapshot>" for s in snapshots)
    return (f"<Marker>{marker}</Marker>" if marker else "") + f"<DBSnapshots>{listed}</DBSnapshots>"
