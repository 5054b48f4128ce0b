"""Everything the real servers of one sandbox share: folders, the operating-system user, names,
the template data folder that every new server is a copy of, and the end of all of them.
"""

import contextlib
import hashlib
import os
import pwd
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from sandbox.clock import pause
from sandbox.postgres.names import Names
from sandbox.postgres.tls import Authority
from sandbox.process import alive

BINARIES = Path("/usr/lib/postgresql")
SOCKET_PATH_MAX = 60  # leaves room for "/.s.PGSQL.65535" within the 107 bytes of a socket name
TEMPLATE_SQL = Path(__file__).with_name("template.sql")
INITDB = ["--username=rdsadmin", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
          "--no-sync", "--wal-segsize=4", "--data-checksums"]
END_PATIENCE_SECONDS = 15.0
POLL_SECONDS = 0.02
FIRST_START = ["-c", "fsync=off", "-c", "listen_addresses=", "-c", "archive_mode=off"]


class CommandFailed(Exception):
    """A PostgreSQL program ended badly; the message has its output."""


class Fleet:
    def __init__(self, folder: Path):
        self.user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        self.root = self._place(folder)
        self.sockets = self._make("s")
        self.wal = self._make("wal")
        self.snapshots = self._make("snapshots")
        self.data = self._make("data")
        self.authority = Authority(folder)
        self.names = Names()
        self._ending = False
        self._idle = threading.Condition()
        self._running = 0

    def _place(self, folder: Path) -> Path:
        """Inside the sandbox's folder when the server user can reach it and socket names stay short
        enough; else a temporary folder that `servers` links to."""
        wanted = folder / "servers"
        reachable = os.getuid() != 0 or all(p.stat().st_mode & 0o001 for p in wanted.parents)
        if reachable and len(str(wanted)) <= SOCKET_PATH_MAX:
            wanted.mkdir(exist_ok=True)
            place = wanted
        else:
            place = Path(tempfile.mkdtemp(prefix="sandbox-"))
            wanted.symlink_to(place)
        self.give_away(place)
        return place

    def _make(self, name: str) -> Path:
        path = self.root / name
        path.mkdir(exist_ok=True)
        self.give_away(path)
        return path

    def give_away(self, path: Path) -> None:
        """Makes a path the server user's own, and closes it to others."""
        if os.getuid() == 0:
            shutil.chown(path, self.user, pwd.getpwnam(self.user).pw_gid)
        path.chmod(0o700 if path.is_dir() else 0o600)

    def run(self, *command: str | Path, text: str = "") -> str:
        """Runs a program as the server user, in a clean environment: no faked time, no keys."""
        with self._idle:
            if self._ending:
                raise CommandFailed("the sandbox is ending")
            self._running += 1
        try:
            return self._run(command, text)
        finally:
            with self._idle:
                self._running -= 1
                self._idle.notify_all()

    def _run(self, command: tuple[str | Path, ...], text: str) -> str:
        as_user = {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid,
                   "extra_groups": []} if os.getuid() == 0 else {}
        done = subprocess.run(
            [str(c) for c in command], input=text, text=True, cwd=self.root,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}, **as_user,
        )
        if done.returncode != 0:
            raise CommandFailed(f"{command[0]} ended with {done.returncode}: {done.stdout[-2000:]}")
        return done.stdout

    @staticmethod
    def majors() -> list[int]:
        """The major versions installed on this machine, oldest first."""
        found = [p.parts[-3] for p in BINARIES.glob("*/bin/initdb")]
        return sorted(int(name) for name in found if name.isdigit())

    def program(self, major: int, name: str) -> Path:
        return BINARIES / str(major) / "bin" / name

    def copy(self, source: Path, target: Path) -> None:
        self.run("cp", "-a", "--reflink=auto", source, target)

    @staticmethod
    def discard(path: Path | str) -> None:
        """Removes a folder by `rm`: a server has a thousand files, too many for an interpreter
        that is answering requests meanwhile."""
        subprocess.run(["rm", "-rf", str(path)], check=False)

    def template(self, major: int) -> Path:
        """A stopped data folder with the roles RDS has, made once for all of a user's sandboxes."""
        recipe = TEMPLATE_SQL.read_bytes() + " ".join(INITDB).encode()
        version = subprocess.run([self.program(major, "postgres"), "--version"],
                                 capture_output=True, check=True).stdout
        mark = hashlib.sha256(recipe + version).hexdigest()[:12]
        cached = Path(tempfile.gettempdir()) / f"sandbox-template-{os.getuid()}" / f"{major}-{mark}"
        if not cached.exists():
            self._keep(self._build_template(major), cached)
        return cached

    def _build_template(self, major: int) -> Path:
        built = self.root / f"template-{major}-{random.getrandbits(32):08x}"
        self.run(self.program(major, "initdb"), "-D", built, *INITDB)
        control = self.program(major, "pg_ctl")
        options = " ".join([*FIRST_START, "-c", f"unix_socket_directories={built}"])
        self.run(control, "-D", built, "-w", "-l", built / "log", "-o", options, "start")
        try:
            self.run(self.program(major, "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", built,
                     "-U", "rdsadmin", "-d", "postgres", text=TEMPLATE_SQL.read_text())
        finally:
            self.run(control, "-D", built, "-w", "-m", "fast", "stop")
        (built / "log").unlink()
        return built

    def _keep(self, built: Path, cached: Path) -> None:
        """Puts a template in the cache under its final name in one step; a rival's is as good."""
        cached.parent.mkdir(exist_ok=True, mode=0o755)
        self.give_away(cached.parent)
        staging = cached.with_name(cached.name + f".{os.getpid()}")
        self.copy(built, staging)
        try:
            staging.rename(cached)
        except OSError:
            self.discard(staging)
        self.discard(built)

    def end(self) -> None:
        """Stops every server below this root at once and removes their files.

        Programs under way get a moment first, so that no server starts after we looked.
        """
        with self._idle:
            self._ending = True
            self._idle.wait_for(lambda: self._running == 0, timeout=END_PATIENCE_SECONDS)
        pids = [int(f.read_text().split()[0]) for f in self.data.glob("*/postmaster.pid")]
        for number in (signal.SIGQUIT, signal.SIGKILL):  # PostgreSQL's immediate shutdown; force
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            deadline = time.monotonic() + END_PATIENCE_SECONDS
            while (pids := [p for p in pids if alive(p)]) and time.monotonic() < deadline:
                pause(POLL_SECONDS)
        self.discard(self.root)
