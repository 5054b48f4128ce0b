"""States that take time, as a queue of stages worked off when somebody looks.

A stage has a status, a least duration on the monotonic clock, and perhaps work (starting a server,
copying data) that runs on a worker thread. `settle` moves on past every stage whose time is over
and whose work is done. Without work nothing runs between requests, so wall time may jump at will.
"""

import logging
import math
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from sandbox.clock import Clock

log = logging.getLogger(__name__)
FOREVER = math.inf


@dataclass
class Stage:
    status: str
    seconds: float
    work: Callable[[], None] | None = None  # on a worker thread, without the store's lock
    done: Callable[[], None] | None = None  # under the store's lock
    due: float = 0.0
    running: Future | None = None  # given when the work is another stage's
    begun: bool = False


class Stages:
    """The stages ahead of one instance or snapshot. All calls are made under the store's lock."""

    def __init__(self, clock: Clock, workers: Executor, on_status: Callable[[str], None]):
        self._clock, self._workers, self._on_status = clock, workers, on_status
        self._queue: deque[Stage] = deque()
        self._last_due = 0.0
        self._at_rest = ""

    @property
    def pending(self) -> bool:
        return bool(self._queue)

    def run(self, *stages: Stage, then: str) -> None:
        """Appends stages; after the last of them the status is `then`."""
        if not self._queue:
            self._last_due = self._clock.elapsed()
        self._queue.extend(stages)
        self._at_rest = then
        if self._queue:
            self._begin()

    def override(self, status: str) -> None:
        """Shows one status for all that is still queued, which is finished nevertheless."""
        for stage in self._queue:
            stage.status = status
            if stage.due == FOREVER:
                stage.due = self._last_due
        self._at_rest = status
        self._on_status(status)

    def drop(self) -> None:
        self._queue.clear()

    def settle(self, failed_status: str = "failed") -> None:
        while self._queue:
            stage = self._begin()
            if self._clock.elapsed() < stage.due:
                return
            if stage.running is not None:
                if not stage.running.done():
                    return
                if error := stage.running.exception():
                    log.error("stage %s failed", stage.status, exc_info=error)
                    self._queue.clear()
                    self._on_status(failed_status)
                    return
            self._queue.popleft()
            self._last_due = stage.due
            if stage.done:
                stage.done()
            if not self._queue:
                self._on_status(self._at_rest)

    def _begin(self) -> Stage:
        """The stage at the head, begun. Its time runs from the end of the one before it."""
        stage = self._queue[0]
        if not stage.begun:
            stage.begun = True
            stage.due = self._last_due + stage.seconds
            self._on_status(stage.status)
            if stage.work is not None and stage.running is None:
                stage.running = self._workers.submit(stage.work)
        return stage
