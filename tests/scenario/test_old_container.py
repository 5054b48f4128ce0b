"""The old container's environment file, and nothing else: the old job, done right."""

from datetime import datetime, timedelta, timezone

import pytest

from story import World

UNSET = dict.fromkeys(["TIDEMARK_CONFIG", "AWS_REGION", "XDG_CONFIG_HOME"])


@pytest.fixture(scope="module")
def shared_world(build):
    world = build("--no-servers", "--delay", "0", "--strict-signatures")
    world.create("aquamark-prod")
    world.create("other")
    return world


@pytest.fixture
def world(shared_world):
    shared_world.clear()
    return shared_world


def old_variables(world: World, **changes: str | None) -> dict[str, str | None]:
    return UNSET | {
        "AWS_RDS_IDENTIFIER": "aquamark-prod", "AWS_REGION_NAME": "eu-west-1",
        "AWS_ACCESS_KEY_ID": world.environment["AWS_ACCESS_KEY_ID"],
        "AWS_SECRET_ACCESS_KEY": world.secret, "BACKUP_CRON_INTERVAL": "300"} | changes


def old_snapshots(world: World, count: int, days_apart: int = 1, age_days: int = 2) -> list[str]:
    newest = datetime.now(timezone.utc) - timedelta(days=age_days)
    start = newest - timedelta(days=days_apart * (count - 1))
    world.control("POST", "snapshots", {
        "identifier": "weeklybackup-%Y-%m-%d", "instance": "aquamark-prod", "count": count,
        "start": start.isoformat(), "step_seconds": 86400 * days_apart})
    return sorted(world.snapshots())


def test_it_takes_a_point_a_week(world):
    shown = world.tidemark("config", "show", **old_variables(world))
    assert shown.code == 0
    first = world.tidemark("run", "--once", "--json", **old_variables(world))
    assert first.code == 0
    assert world.tidemark("run", "--once", **old_variables(world)).code == 0
    (name, snapshot), = world.snapshots().items()
    assert name.startswith("tidemark-")
    assert snapshot["Status"] == "available"
    assert snapshot["DBInstanceIdentifier"] == "aquamark-prod"
    source, = first.json["sources"]
    slots = [datetime.fromisoformat(source[key]) for key in ("latest_slot", "next_slot")]
    assert slots[1] - slots[0] == timedelta(days=7)
    preview = world.tidemark("schedule", "preview", "-n", "2", **old_variables(world))
    assert preview.code == 0


def test_the_old_snapshots_are_shown_and_never_touched(world):
    old = old_snapshots(world, 60)
    before = world.snapshots()
    assert world.tidemark("run", "--once", **old_variables(world)).code == 0
    after = world.snapshots()
    assert {name: after[name] for name in old} == before
    listed = world.tidemark("list", "--json", **old_variables(world)).json["points"]
    shown = {one["id"]: one for one in listed}
    assert set(old) < shown.keys()
    assert all(shown[name]["legacy"] and shown[name]["outcome"] == "ignore" for name in old)


def test_an_old_snapshot_counts_for_no_slot(world):
    old_snapshots(world, 3, age_days=0)
    status = world.tidemark("status", **old_variables(world))
    assert status.code == 14
    assert world.tidemark("run", "--once", **old_variables(world)).code == 0
    assert len([name for name in world.snapshots() if name.startswith("tidemark-")]) == 1


def test_adopted_they_are_condemned_first_and_deleted_a_week_later(world):
    old = old_snapshots(world, 60)
    adopt = old_variables(world, TIDEMARK_ADOPT_LEGACY="1")
    assert world.tidemark("run", "--once", **adopt).code == 0
    snapshots = world.snapshots()
    assert set(old) < snapshots.keys()
    condemned = {name for name in old if "tidemark:condemned" in snapshots[name]["tags"]}
    # A week's newest of eight weeks and a month's newest of three months stay.
    assert 60 - 12 <= len(condemned) <= 60 - 8
    assert old[-1] not in condemned
    for name in condemned:
        long_ago = {"tidemark:condemned": (
            datetime.now(timezone.utc) - timedelta(days=7, minutes=1)).strftime("%FT%TZ")}
        # A mark older than its point is not believed, so a young point keeps its own mark.
        if snapshots[name]["SnapshotCreateTime"][:10] < long_ago["tidemark:condemned"][:10]:
            world.control("POST", "snapshot", {"id": name, "tags": long_ago})
        else:
            condemned = condemned - {name}
    assert world.tidemark("run", "--once", **adopt).code == 0
    assert condemned == set(old) - world.snapshots().keys()


def test_others_weekly_snapshots_are_not_ours(world):
    world.control("POST", "snapshots", {"identifier": "weeklybackup-2020-01-01",
                                        "instance": "other", "start": "2020-01-01T00:00:00Z"})
    world.control("POST", "snapshots", {"identifier": "weekly-by-hand",
                                        "instance": "aquamark-prod", "count": 1})
    adopt = old_variables(world, TIDEMARK_ADOPT_LEGACY="1")
    assert world.tidemark("run", "--once", **adopt).code == 0
    listed = {one["id"] for one in world.tidemark("list", "--json", **adopt).json["points"]}
    assert len(listed) == 1
    assert {"weeklybackup-2020-01-01", "weekly-by-hand"} < world.snapshots().keys()


@pytest.mark.parametrize("keys", [
    {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
    {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None},
    {"AWS_SECRET_ACCESS_KEY": ""},
    {"AWS_SECRET_ACCESS_KEY": None}], ids=["empty", "missing", "empty secret", "no secret"])
@pytest.mark.parametrize("words", [["run"], ["run", "--once"]], ids=" ".join)
def test_without_keys_it_ends_at_once_with_one_clear_message(world, words, keys):
    ended = world.tidemark(*words, **old_variables(world, **keys))
    assert ended.code == 15, ended
    said = ended.out + ended.err
    assert said.count("error:") == 1 or said.count("critical") == 1, ended
    assert "AWS_" in said or "credentials" in said
    assert world.snapshots() == {}


@pytest.mark.parametrize("interval", ["soon", "0", "-5", "5m", "1e3", " 300"])
def test_a_bad_interval_is_refused_by_name(world, interval):
    refused = world.tidemark("run", **old_variables(world, BACKUP_CRON_INTERVAL=interval))
    assert refused.code == 2
    assert "BACKUP_CRON_INTERVAL" in refused.err
    assert refused.out == ""


def test_a_name_that_is_no_identifier_is_refused(world):
    refused = world.tidemark("run", **old_variables(world, AWS_RDS_IDENTIFIER="my database"))
    assert refused.code == 2
    assert "AWS_RDS_IDENTIFIER" in refused.err
