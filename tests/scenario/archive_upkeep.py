"""A world with archives that policies keep, and a repository whose time can be moved."""

import os
import subprocess
import time
from urllib.parse import quote, urlsplit

from story import TIDEMARK
from test_archive import ArchiveWorld

POLICY = """
[source.orders.archive]
policy = "archives"
databases = ["shop"]

[policy.archives]
schedule = "weekly"
keep = {{ last = {last} }}
keep_min = 1
"""
DAY = 86_400


class UpkeepWorld(ArchiveWorld):
    """Keeps the newest archives only, a day after they were condemned."""

    def __init__(self, world, folder, last: int = 2, schedule: bool = True):
        self.more = POLICY.format(last=last)
        if not schedule:
            self.more = self.more[self.more.index("[policy"):]
        self.schedule = schedule
        self.place = ""
        super().__init__(world, folder)

    def use(self, url: str) -> None:
        super().use(url)
        text = self.config.read_text()
        policy = "" if self.schedule else 'policy = "archives"\n'
        self.config.write_text(text.replace('key_file', f'grace = "1d"\n{policy}key_file', 1)
                               + self.more)

    def url(self, database: str) -> str:
        """Asked for once: the server stays where it is."""
        if not self.place:
            self.place = super().url("shop")
        return urlsplit(self.place)._replace(path="/" + quote(database)).geturl()

    def names(self) -> list[str]:
        return [one["archive"] for one in self.done("archives")["archives"]]

    def newest(self, count: int) -> list[str]:
        """Those that the policy keeps: the list has the later of one second behind the earlier."""
        listed = [one for one in self.done("archives")["archives"]
                  if one["source"] == "orders/shop" and one["condemned_at"] is None]
        listed.sort(key=lambda one: one["moment"])
        return [one["archive"] for one in listed[-count:]]

    def age(self, seconds: int = 2 * DAY) -> None:
        """As if all that is in the repository had been stored so much earlier."""
        for path in self.repository.rglob("*"):
            if path.is_file():
                before = path.stat().st_mtime - seconds
                os.utime(path, (before, before))

    def change(self) -> None:
        self.sql("shop", "update users set name = name || '?' where id % 3 = 0")

    def objects(self) -> dict[str, bytes]:
        return {str(path.relative_to(self.repository)): path.read_bytes()
                for path in self.repository.rglob("*") if path.is_file()}

    def check_all(self) -> None:
        """Structure and every byte."""
        assert self.done("check")["sound"] is True
        assert self.done("verify")["sound"] is True

    def killed(self, words: list[str], after: float) -> bool:
        """Starts it and kills it then; whether it still ran."""
        process = subprocess.Popen(
            [TIDEMARK, *words],
            env=self.world.variables({"TIDEMARK_CONFIG": str(self.config)}, words),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=after)
            return False
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return True

    def length_of(self, act) -> float:
        """How long it takes now, in seconds: the next kill comes within that."""
        begin = time.monotonic()
        act()
        return time.monotonic() - begin
