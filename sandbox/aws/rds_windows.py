"""The backup and maintenance windows of an instance: their format, and that they do not overlap."""

import random
import re
from typing import Any

from sandbox.aws.rds_names import invalid

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAY, WEEK = 24 * 60, 7 * 24 * 60
WINDOW_MIN = 30
TIME = r"([01]\d|2[0-3]):([0-5]\d)"
WEEK_TIME = rf"({'|'.join(DAYS)}):{TIME}"


def check(members: dict[str, Any], kept: dict[str, Any]) -> None:
    """Refuses windows that a call gives if they are malformed, or overlap the one that is kept."""
    if not {"PreferredBackupWindow", "PreferredMaintenanceWindow"} & set(members):
        return
    merged = kept | members
    if overlap(merged["PreferredBackupWindow"], merged["PreferredMaintenanceWindow"]):
        raise invalid("The backup window and maintenance window must not overlap.")


def choose(given: dict[str, Any]) -> dict[str, str]:
    """Windows at random, as RDS chooses them: beside each other, and beside one that is given."""
    while True:
        chosen = {"PreferredBackupWindow": random_backup(),
                  "PreferredMaintenanceWindow": random_maintenance()} | {
            k: v for k, v in given.items() if k.startswith("Preferred")}
        if "PreferredBackupWindow" in given and "PreferredMaintenanceWindow" in given:
            return chosen
        if not overlap(chosen["PreferredBackupWindow"], chosen["PreferredMaintenanceWindow"]):
            return chosen


def random_backup() -> str:
    hour = random.randint(0, 22)
    return f"{hour:02d}:{random.choice((0, 15, 30)):02d}-{hour + 1:02d}:00"


def random_maintenance() -> str:
    day, hour = random.choice(DAYS), random.randint(0, 22)
    return f"{day}:{hour:02d}:00-{day}:{hour:02d}:30"


def overlap(backup: str, maintenance: str) -> bool:
    daily, weekly = minutes_of_day(backup), minutes_of_week(maintenance)
    return any(minute % DAY in daily for minute in weekly)


def minutes_of_day(window: str) -> set[int]:
    found = re.fullmatch(f"{TIME}-{TIME}", window)
    if found is None:
        raise invalid(f"Invalid backup window: {window}. Must be in the format hh24:mi-hh24:mi.")
    start, end = (int(found[n]) * 60 + int(found[n + 1]) for n in (1, 3))
    return minutes(start, end, DAY, window)


def minutes_of_week(window: str) -> set[int]:
    found = re.fullmatch(f"{WEEK_TIME}-{WEEK_TIME}", window.lower())
    if found is None:
        raise invalid(f"Invalid maintenance window: {window}. Must be in the format "
                      "ddd:hh24:mi-ddd:hh24:mi.")
    start, end = (DAYS.index(found[n]) * DAY + int(found[n + 1]) * 60 + int(found[n + 2])
                  for n in (1, 4))
    return minutes(start, end, WEEK, window)


def minutes(start: int, end: int, turn: int, window: str) -> set[int]:
    length = (end - start) % turn
    if length < WINDOW_MIN:
        raise invalid(f"The window {window} is shorter than {WINDOW_MIN} minutes.")
    return {(start + n) % turn for n in range(length)}
