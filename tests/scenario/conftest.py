"""The worlds that stories share."""

import pytest

pytest.register_assert_rewrite("restoring", "restore_worlds")

from story import World  # noqa: E402


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Builds worlds and ends all of them with the module."""
    built = []

    def builder(*options: str, **more) -> World:
        built.append(World(tmp_path_factory.mktemp("world"), *options, **more))
        return built[-1]

    yield builder
    for world in built:
        world.down()


@pytest.fixture(scope="module")
def shared_records(build):
    world = build("--no-servers", "--delay", "0", "--strict-signatures")
    world.create("orders", MultiAZ=True)
    return world


@pytest.fixture
def records(shared_records):
    """A world without servers whose states take no time, with one instance and no snapshots."""
    shared_records.clear()
    yield shared_records
    shared_records.faults()
