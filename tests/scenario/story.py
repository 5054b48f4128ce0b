"""The real program against a sandbox: how the stories run it, and how they look at the outcome.

What Tidemark says is never taken for true: the stories look it up by boto3 or by the sandbox's own
record, and every run is searched for secrets and for signs of a bug.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/sandbox"))

from sandbox_driver import PASSWORD, RunningSandbox, command, psql, until  # noqa: E402,F401
from split_credentials import ENFORCED, SPLIT, Keys  # noqa: E402

TIDEMARK = Path(os.environ.get("TIDEMARK_BINARY", ROOT / "build/release/tidemark"))
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
RUN_SECONDS_MAX = 90

# docs/manual/exit-codes.md; anything else is a bug.
EXIT_CODES = {0, 1, 2, 3, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}
SIGNS_OF_A_BUG = ("bug:", "terminate called", "CHECK failed", "AddressSanitizer", "Traceback",
                  "runtime error:", "what():")
POLICY = """
[source.orders]

[policy.default]
schedule = "daily"
keep = { daily = 7, weekly = 8, monthly = 24, yearly = 10 }
"""


@dataclass
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def __repr__(self) -> str:
        return f"exit {self.code}\n{self.out}\n{self.err}"


def faked_time(file: Path) -> dict[str, str]:
    """The environment in which a process lives at the moment that the file names. Without the last
    variable libfaketime's timed waits end at once, and Python's lock spins on them."""
    return {"LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0"}


def set_time(file: Path, moment: str) -> None:
    """In one step, so that nobody reads half of it."""
    fresh = file.with_suffix(".new")
    fresh.write_text(moment + "\n")
    fresh.rename(file)


@contextmanager
def environment_of(variables: dict[str, str]):
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class World(RunningSandbox):
    """A sandbox with one configuration of Tidemark for it."""

    def __init__(self, folder: Path, *options: str, config: str = POLICY,
                 clock: Path | None = None):
        folder.mkdir(parents=True, exist_ok=True)
        self.clock = clock
        if SPLIT:
            options += tuple(one for one in ENFORCED if one not in options)
        with environment_of(faked_time(clock) if clock else {}):
            super().__init__(folder / "sandbox", *options)
        self.config = folder / "tidemark.toml"
        self.state = folder / "state"
        self.state.mkdir(exist_ok=True)
        self.config.write_text(config)
        self.secret = self.environment["AWS_SECRET_ACCESS_KEY"]
        self.keys = Keys(self, TIDEMARK) if SPLIT else None

    def variables(self, changes: dict[str, str | None] | None = None,
                  words: Sequence[str] = ()) -> dict[str, str]:
        """What Tidemark sees with these arguments; a variable that is set to None is taken away."""
        names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
        found = {name: self.environment[name] for name in names}
        found |= {"PATH": "/usr/bin:/bin", "HOME": str(self.state), "TIDEMARK_CONFIG":
                  str(self.config), "TIDEMARK_STATE_DIR": str(self.state),
                  "AWS_EC2_METADATA_DISABLED": "true"}
        if self.clock:
            found |= faked_time(self.clock)
        found |= changes or {}
        found = {name: value for name, value in found.items() if value is not None}
        return found | self.keys.of(tuple(words), found) if self.keys and words else found

    def tidemark(self, *words: str, **changes: str | None) -> Outcome:
        """Runs it to its end, whatever that is."""
        variables = self.variables(changes, words)
        done = subprocess.run([TIDEMARK, *words], env=variables, text=True,
                              capture_output=True, timeout=RUN_SECONDS_MAX)
        outcome = Outcome(done.returncode, done.stdout, done.stderr)
        self.check_decency(outcome)
        assert outcome.code in EXIT_CODES, outcome
        if self.keys:
            self.keys.check_nothing_was_refused(variables)
        return outcome

    def start(self, *words: str, **changes: str | None) -> subprocess.Popen:
        return subprocess.Popen([TIDEMARK, *words], env=self.variables(changes, words), text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def check_decency(self, outcome: Outcome) -> None:
        secrets = [self.secret, *(self.keys.secrets if self.keys else [])]
        for stream in (outcome.out, outcome.err):
            assert not any(secret in stream for secret in secrets), outcome
            for sign in SIGNS_OF_A_BUG:
                assert sign not in stream, outcome

    def passes(self, *words: str, **changes: str | None) -> dict[str, Any]:
        """A pass that must succeed; its report."""
        outcome = self.tidemark("run", "--once", "--json", *words, **changes)
        assert outcome.code == 0, outcome
        return outcome.json

    def add_point(self, slot: str, **more: Any) -> str:
        """A snapshot as an earlier pass would have left it, taken a minute after its slot (in UTC,
        such as 2026-11-01T00:00)."""
        day, minute = slot.split("T")
        source = more.pop("source", "orders")
        compact = f"{day.replace('-', '')}t{minute.replace(':', '')}z"
        name = f"tidemark-{compact[:6]}-{source}-{compact}"
        tags = {"tidemark:owner": "tidemark", "tidemark:source": source,
                "tidemark:point": f"{slot}:00Z", "tidemark:policy": "default"}
        tags |= more.pop("tags", {})
        self.control("POST", "snapshots", {
            "identifier": name, "instance": source, "start": f"{slot}:30Z", "tags": tags} | more)
        return name

    def snapshots(self) -> dict[str, dict[str, Any]]:
        """The manual snapshots, by the sandbox's own record."""
        return {one["DBSnapshotIdentifier"]: one
                for one in self.control("GET", "state")["snapshots"]
                if one["SnapshotType"] == "manual"}

    def calls(self) -> list[str]:
        return [entry["action"] for entry in self.control("GET", "log")]

    def clear(self) -> None:
        """No faults, no manual snapshots, no record of calls, a right clock."""
        self.faults()
        self.control("POST", "clock", {"offset_seconds": 0})
        for name in self.snapshots():
            self.control("POST", "snapshot", {"id": name, "delete": True})
        self.control("DELETE", "log")
