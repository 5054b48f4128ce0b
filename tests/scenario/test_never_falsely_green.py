"""Nothing may look protected that is not: wrong clocks, dead instances, other databases."""

from datetime import datetime, timedelta, timezone

import pytest

from story import POLICY

HOURLY = POLICY.replace('"daily"', '"hourly"')


@pytest.fixture
def source(records):
    """The shared world, with its own configuration given back afterwards."""
    yield records
    records.config.write_text(POLICY)
    records.control("POST", "instance", {"id": "orders", "status": None})


def slot(days_ago: float) -> str:
    moment = datetime.now(timezone.utc) - timedelta(days=days_ago)
    return moment.strftime("%Y-%m-%dT%H:00")


@pytest.mark.parametrize("policy", [POLICY, HOURLY], ids=["daily", "hourly"])
def test_a_source_that_has_been_dead_for_weeks_is_never_green(source, policy):
    source.config.write_text(policy)
    source.add_point(slot(21))
    source.control("POST", "instance", {"id": "orders", "status": "stopped"})
    shown = source.tidemark("status")
    assert shown.code == 14, shown
    assert shown.out.startswith("NOT PROTECTED: orders")


def test_a_point_named_by_a_wrong_clock_covers_no_day_that_is_still_to_come(source):
    source.add_point("2035-01-01T00:00", start=slot(3) + ":00Z")
    report = source.passes()["sources"][0]
    assert [event["act"] for event in report["events"]][:1] == ["create"]
    assert len(source.snapshots()) == 2


def test_a_clock_that_is_ahead_names_points_by_the_services_time(source):
    source.control("POST", "clock", {"offset_seconds": -60 * 24 * 3600})
    (event, *_) = source.passes()["sources"][0]["events"]
    service_day = datetime.now(timezone.utc) - timedelta(days=60)
    assert service_day.strftime("-%Y%m%dt0000z") in event["snapshot"]


def test_points_of_another_instance_neither_cover_nor_are_judged(source):
    source.create("staging")
    for day in range(0, 20):
        source.add_point(slot(day), instance="orders")
    source.config.write_text(POLICY.replace("[source.orders]", "[source.orders]\n"
                                            'instance = "staging"'))
    before = set(source.snapshots())
    report = source.passes()["sources"][0]
    taken = set(source.snapshots()) - before
    assert len(taken) == 1, "the other database had no point of its own"
    assert source.snapshots()[taken.pop()]["DBInstanceIdentifier"] == "staging"
    assert not [v for v in report["verdicts"] if v["outcome"] in ("condemn", "wait", "remove")]


def test_points_of_a_source_that_was_renamed_are_named(source):
    source.add_point(slot(1), source="invoices", instance="orders")
    source.passes()
    assert "source 'invoices'" in source.tidemark("status").out


def test_a_create_whose_reply_was_lost_is_found_while_the_instance_is_busy(build):
    world = build("--no-servers", "--delay", "3")
    world.create("orders")
    world.faults({"action": "CreateDBSnapshot", "kind": "reset-after"})
    report = world.passes()["sources"][0]
    assert report["healthy"], report
    assert len(world.snapshots()) == 1


def test_a_hold_on_what_is_no_longer_good_is_refused(source):
    point = source.add_point(slot(1), status="failed")
    assert source.tidemark("hold", point).code == 16


def test_a_refused_quota_lets_the_policy_make_room(source):
    for day in range(1, 40):
        source.add_point(slot(day))
    source.faults({"action": "CreateDBSnapshot", "kind": "error", "code": "SnapshotQuotaExceeded",
                   "status": 400, "count": -1,
                   "message": "Cannot create more than 39 manual snapshots"})
    outcome = source.tidemark("run", "--once", "--json")
    assert outcome.code == 18, outcome
    condemned = [v for v in outcome.json["sources"][0]["verdicts"] if v["outcome"] == "wait"]
    assert condemned, "a full quota would never end"
