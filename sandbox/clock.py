"""The sandbox's two clocks.

Wall time names moments (creation times, the Date header, the age of a signature) and can be skewed.
Monotonic time measures how long a state lasts. They are kept apart so that a test may move the wall
clock by a day between two requests without a pending state ending early or never.
"""

import select
import time
from datetime import datetime, timedelta, timezone


class Clock:
    def __init__(self) -> None:
        self.offset_seconds = 0.0

    def now(self) -> datetime:
        """The service's idea of now, in UTC, to the millisecond as RDS gives it."""
        real = datetime.fromtimestamp(time.time(), timezone.utc)
        moment = real + timedelta(seconds=self.offset_seconds)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def elapsed(self) -> float:
        return time.monotonic()


def pause(seconds: float) -> None:
    """Sleeps, also under libfaketime, where time.sleep fails with EINVAL on Python 3.11."""
    select.select([], [], [], seconds)
