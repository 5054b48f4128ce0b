"""What a pass costs in calls does not depend on luck: pages, sources, actions, and no more."""

from story import POLICY, World

SNAPSHOTS = 10_000
PAGE = 100


def test_a_pass_makes_no_more_calls_than_pages_and_sources_and_actions(build):
    world: World = build("--no-servers", "--delay", "0", "--snapshot-quota", "20000",
                         config=POLICY + "\n[source.users]\n")
    world.create("orders")
    world.create("users")
    world.control("POST", "snapshots", {"count": SNAPSHOTS - 2, "prefix": "of-another",
                                        "instance": "another", "tags": {"team": "another"}})
    world.control("DELETE", "log")
    world.passes()
    pages = -(-(SNAPSHOTS - 2) // PAGE)
    asked, looked = 2, 2
    assert len(world.calls()) == pages + 2 + asked + looked

    world.control("DELETE", "log")
    assert all(source["events"] == [] for source in world.passes()["sources"])
    assert len(world.calls()) == SNAPSHOTS // PAGE + 2
    assert world.calls().count("DescribeDBSnapshots") == SNAPSHOTS // PAGE
