"""Ten years of days: the real program and a sandbox under one faked clock, a pass a day, held
against a model of the policy; and the same years by the rules of the script that it replaces."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError

from story import FAKETIME, World, set_time

pytestmark = pytest.mark.skipif(not FAKETIME.exists(), reason="libfaketime is not installed")

KEEP = {"daily": 7, "weekly": 8, "monthly": 24, "yearly": 10}
GRACE_DAYS = 7
FIRST_DAY = date(2024, 1, 1)
DAYS = 3653
QUOTA = 100
PERIODS: dict[str, Callable[[date], tuple]] = {
    "daily": lambda day: (day,),
    "weekly": lambda day: day.isocalendar()[:2],
    "monthly": lambda day: (day.year, day.month),
    "yearly": lambda day: (day.year,),
}


def kept_by_policy(days: list[date]) -> set[date]:
    """By brute force: the newest day of each of the last N periods of every rule."""
    kept = set()
    for rule, count in KEEP.items():
        newest = {}
        for day in sorted(days):
            newest[PERIODS[rule](day)] = day
        kept |= {newest[period] for period in sorted(newest)[-count:]}
    return kept


def day_of(snapshot: str) -> date:
    return datetime.strptime(snapshot.rsplit("-", 1)[1], "%Y%m%dt0000z").date()


def is_condemned(snapshot: dict) -> bool:
    return snapshot["tags"].get("tidemark:condemned", "reprieved") != "reprieved"


class Years:
    """A world whose days go by as told, at ten past midnight UTC."""

    def __init__(self, build, folder):
        self.now = folder / "now"
        set_time(self.now, f"{FIRST_DAY} 00:10:00")
        self.world: World = build("--no-servers", "--delay", "0", "--snapshot-quota", str(QUOTA),
                                  clock=self.now)
        self.world.create("orders")

    def go_to(self, day: date, time: str = "00:10:00") -> None:
        set_time(self.now, f"{day} {time}")

    def held(self) -> tuple[set[date], set[date]]:
        """The days of the points that are kept, and of those that are condemned."""
        snapshots = self.world.snapshots()
        assert all(one["Status"] == "available" for one in snapshots.values())
        condemned = {day_of(name) for name, one in snapshots.items() if is_condemned(one)}
        return {day_of(name) for name in snapshots} - condemned, condemned


@pytest.fixture(scope="module")
def years(build, tmp_path_factory):
    return Years(build, tmp_path_factory.mktemp("clock"))


def test_ten_years_of_daily_passes_hold_what_the_policy_says_and_no_more(years):
    taken: list[date] = []
    condemned_on: dict[date, date] = {}
    most = 0
    for number in range(DAYS):
        today = FIRST_DAY + timedelta(days=number)
        years.go_to(today)
        outcome = years.world.tidemark("run", "--once", "--quiet")
        assert outcome.code == 0, (today, outcome)

        taken.append(today)
        expected = kept_by_policy(taken)
        for day in taken:
            if day not in expected:
                condemned_on.setdefault(day, today)
        in_grace = {day for day, since in condemned_on.items()
                    if today - since < timedelta(days=GRACE_DAYS)}
        kept, condemned = years.held()
        assert kept == expected, today
        assert condemned == in_grace, today
        assert len(kept) <= sum(KEEP.values())
        most = max(most, len(kept) + len(condemned))
        # What is neither kept nor in grace can never come back: the model may forget it.
        taken = sorted(expected | in_grace)
        condemned_on = {day: condemned_on[day] for day in in_grace}
        if number % 500 == 0 or number == DAYS - 1:
            log = years.world.control("GET", "log")
            assert not [entry["error"] for entry in log if entry["error"]]
            years.world.control("DELETE", "log")
    assert most <= sum(KEEP.values()) + GRACE_DAYS < QUOTA
    assert len(years.held()[0]) == len(kept_by_policy(
        [FIRST_DAY + timedelta(days=number) for number in range(DAYS)]))


def test_three_days_of_downtime_are_made_up_for_by_one_point(years):
    before = set(years.world.snapshots())
    newest = max(day_of(name) for name in before)
    back = newest + timedelta(days=4)
    years.go_to(back, "12:34:56")
    report = years.world.passes()
    new = set(years.world.snapshots()) - before
    assert {day_of(name) for name in new} == {back}
    assert report["sources"][0]["covered"] is True


def test_a_clock_that_steps_back_on_both_sides_deletes_nothing(years):
    before = years.world.snapshots()
    assert any(is_condemned(one) for one in before.values())
    newest = max(day_of(name) for name in before)
    for back in (timedelta(days=1), timedelta(days=31), timedelta(days=3650)):
        years.go_to(newest - back)
        years.world.tidemark("run", "--once")
        after = years.world.snapshots()
        assert before.keys() <= after.keys()
        # Some are wanted again, as of then; none is condemned.
        assert {name for name in before if is_condemned(after[name])} <= {
            name for name in before if is_condemned(before[name])}


@pytest.fixture(scope="module")
def due(build, tmp_path_factory):
    """A world in which one point is due to be deleted, and one to be condemned."""
    years = Years(build, tmp_path_factory.mktemp("skew"))
    world = years.world
    today = FIRST_DAY + timedelta(days=400)
    years.go_to(today)
    world.passes()
    days = [today - timedelta(days=250 + number) for number in range(12)]
    unwanted = set(days) - kept_by_policy([today, *days])
    long_ago = {"tidemark:condemned": f"{today - timedelta(days=30)}T00:00:00Z"}
    for day in days:
        world.add_point(f"{day}T00:00", tags=long_ago if day == min(unwanted) else {})
    assert len(unwanted) > 1
    return years


@pytest.mark.parametrize("seconds", [600, -600, 86400, -86400])
def test_a_service_clock_that_differs_stops_condemning_and_deleting_and_is_named(due, seconds):
    world = due.world
    before = world.snapshots()
    world.control("POST", "clock", {"offset_seconds": seconds})
    try:
        outcome = world.tidemark("run", "--once")
    finally:
        world.control("POST", "clock", {"offset_seconds": 0})
    after = world.snapshots()  # a point that is due by the service's clock is taken
    assert {name: after.get(name) for name in before} == before
    assert "clock differs from the service's by" in outcome.out
    assert "nothing is condemned or deleted" in outcome.out


@pytest.mark.parametrize("back", [timedelta(minutes=10), timedelta(days=300)], ids=str)
def test_a_client_clock_that_steps_back_deletes_nothing(due, tmp_path, back):
    world = due.world
    before = world.snapshots()
    wrong = tmp_path / "wrong"
    now = datetime.combine(FIRST_DAY + timedelta(days=400), datetime.min.time())
    set_time(wrong, str(now + timedelta(minutes=10) - back))
    world.tidemark("run", "--once", FAKETIME_TIMESTAMP_FILE=str(wrong))
    after = world.snapshots()
    assert {name: after[name] for name in before} == before


def test_with_the_clock_right_again_the_same_points_go(due):
    before = due.world.snapshots()
    due.world.passes()
    after = due.world.snapshots()
    assert len(before.keys() - after.keys()) == 1
    assert any(is_condemned(one) for one in after.values())


def test_the_rules_of_the_old_script_end_all_backups_on_day_105(build):
    """Its rule, word for word: the age of the backups is that of the oldest (it takes min() where
    it means max()), one is taken when that is seven days, and nothing is ever deleted."""
    world = build("--no-servers", "--delay", "0", "--snapshot-quota", str(QUOTA))
    world.create("orders")
    rds = world.client("rds")
    begin = datetime.now(timezone.utc)
    last_success, refused = None, 0
    for number in [*range(130), *range(130, DAYS, 30), DAYS - 1]:
        # A minute later each day, as the script's looks drift.
        offset = timedelta(days=number, minutes=number)
        world.control("POST", "clock", {"offset_seconds": offset.total_seconds()})
        today = begin + offset
        oldest = min((datetime.fromisoformat(one["SnapshotCreateTime"])
                      for name, one in world.snapshots().items() if name.startswith("weekly")),
                     default=None)
        if oldest is not None and today - oldest < timedelta(days=7):
            continue
        try:
            rds.create_db_snapshot(DBInstanceIdentifier="orders",
                                   DBSnapshotIdentifier=f"WeeklyBackup-{today:%Y-%m-%d}")
            assert world.snapshots()
            last_success = number
        except ClientError as error:
            assert error.response["Error"]["Code"] == "SnapshotQuotaExceeded"
            refused += 1
    assert last_success == 105
    assert len(world.snapshots()) == QUOTA
    assert refused > 100
