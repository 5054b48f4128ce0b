"""The sandboxes that tests share."""

import pytest
from sandbox_driver import RunningSandbox


@pytest.fixture(scope="session")
def start(tmp_path_factory):
    """Starts sandboxes and stops all of them at the end."""
    running = []

    def starter(*options: str) -> RunningSandbox:
        running.append(RunningSandbox(tmp_path_factory.mktemp("sandbox"), *options))
        return running[-1]

    yield starter
    for sandbox in running:
        sandbox.down()


@pytest.fixture(scope="session")
def shared_records(start):
    shared = start("--no-servers", "--delay", "0", "--strict-signatures",
                   "--snapshot-quota", "1000")
    shared.control("POST", "quotas", {"instances": 1000})
    return shared


@pytest.fixture
def records(shared_records):
    """A sandbox without servers whose states take no time; faults and clock are reset after."""
    yield shared_records
    shared_records.faults()
    shared_records.control("POST", "clock", {"offset_seconds": 0})


@pytest.fixture(scope="session")
def slow_records(start):
    """States of a sandbox without servers that last long enough to be seen."""
    return start("--no-servers", "--delay", "0.4", "--snapshot-quota", "3")


@pytest.fixture(scope="session")
def servers(start):
    return start("--delay", "0.2")
