"""One real PostgreSQL server behind one RDS instance.

It listens with TLS on the address of its identifier; the customer's master user is not a superuser,
and the superuser `rdsadmin` gets in through the local socket only. Data are copied with
pg_basebackup, which gives what a storage snapshot gives: the state at one moment, recovered from as
after a crash. Every method blocks; callers run them on worker threads. Not thread-safe per server.
"""

import time
from datetime import datetime
from pathlib import Path

from sandbox.clock import pause
from sandbox.postgres.fleet import CommandFailed, Fleet

WAIT_SECONDS_MAX = 60.0
POLL_SECONDS = 0.05

# Names the sandbox decides itself; a parameter group cannot change them.
FIXED_SETTINGS = {
    "fsync": "off",
    "ssl": "on",
    "ssl_cert_file": "server.crt",
    "ssl_key_file": "server.key",
    "archive_mode": "on",
    "archive_timeout": "5",
    "wal_level": "replica",
    "max_wal_senders": "10",
    "shared_buffers": "16MB",
    "timezone": "UTC",
}
UNSUPPORTED_PREFIXES = ("rds.", "apg_", "aurora")


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def identifier(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


class PostgresServer:
    def __init__(self, fleet: Fleet, resource_id: str, major: int, host: str, port: int):
        self.fleet, self.major, self.host, self.port = fleet, major, host, port
        self.resource_id = resource_id
        self.data = fleet.data / resource_id
        self.archive = fleet.wal / resource_id
        # A folder of its own, since servers share a port; cut short for the length of socket names.
        self.sockets = fleet.sockets / resource_id[3:13]
        self.address = ""  # of the endpoint
        self.listens = ""  # where it is bound, while it runs
        self.parameters: dict[str, str] = {}
        self.archiving = True

    @property
    def running(self) -> bool:
        return (self.data / "postmaster.pid").exists()

    def create(self, user: str, password: str, database: str | None) -> None:
        self.fleet.copy(self.fleet.template(self.major), self.data)
        self.start()
        self.sql(
            f"CREATE ROLE {identifier(user)} LOGIN CREATEDB CREATEROLE "
            f"PASSWORD {literal(password)} VALID UNTIL 'infinity';"
            f"GRANT rds_superuser TO {identifier(user)};"
            f"ALTER DATABASE postgres OWNER TO {identifier(user)};"
        )
        if database:
            self.sql(f"CREATE DATABASE {identifier(database)} OWNER {identifier(user)}")

    def restore(self, copy: Path) -> None:
        """Starts from a copy made by `copy_to`; PostgreSQL recovers it as after a crash."""
        self.fleet.copy(copy, self.data)
        self.start()

    def restore_to(self, copy: Path, archive: Path, moment: datetime | None) -> None:
        """Starts from a copy and replays archived WAL, to a moment or to its end."""
        self.fleet.copy(copy, self.data)
        recovery = {
            "restore_command": f"cp {archive}/%f %p",
            "recovery_target_timeline": "latest",
            "recovery_target_action": "promote",
        }
        if moment is not None:
            recovery["recovery_target_time"] = moment.strftime("%Y-%m-%d %H:%M:%S.%f+00")
        (self.data / "recovery.signal").touch()
        self.fleet.give_away(self.data / "recovery.signal")
        self.start(recovery)
        self._until("SELECT pg_is_in_recovery()", "f", "recovery to end")
        self.configure()

    def start(self, recovery: dict[str, str] | None = None) -> None:
        """Starts at the address of its name; the endpoint is (address, port) afterwards."""
        self.fleet.names.take(self)
        for folder in (self.archive, self.sockets):
            folder.mkdir(exist_ok=True)
            self.fleet.give_away(folder)
        pair = self.fleet.authority.issue(*self.fleet.names.certified(self))
        for name, content in zip(("server.crt", "server.key"), pair):
            (self.data / name).write_bytes(content)
            self.fleet.give_away(self.data / name)
        self._write_settings(recovery or {})
        self.fleet.run(self.fleet.program(self.major, "pg_ctl"), "-D", self.data, "-w",
                       "-t", str(int(WAIT_SECONDS_MAX)), "-l", self.data / "server.log", "start")

    def stop(self, mode: str = "fast") -> None:
        if self.running:
            self.fleet.run(self.fleet.program(self.major, "pg_ctl"), "-D", self.data, "-w",
                           "-m", mode, "stop")
        self.fleet.names.leave(self)

    def move(self, host: str, stale_seconds: float) -> None:
        """Stops the server and gives it another name, at whose address the next start brings it
        up. The old name is dead then, or leads here for some seconds more."""
        self.stop()
        self.fleet.names.rename(self, host, stale_seconds)

    def configure(self) -> None:
        """Rewrites the settings and reloads; what needs a restart waits for one."""
        self._write_settings({})
        if self.running:
            self.sql("SELECT pg_reload_conf()")

    def _write_settings(self, recovery: dict[str, str]) -> None:
        group = {k: v for k, v in self.parameters.items()
                 if not k.startswith(UNSUPPORTED_PREFIXES)}
        archive_command = "true"
        if self.archiving:
            kept = f"{self.archive}/%f"
            archive_command = f"cp %p {kept}.part && mv {kept}.part {kept}"
        settings = {
            **group,
            **FIXED_SETTINGS,
            "rds.force_ssl": "1" if self.force_ssl else "0",
            "listen_addresses": self.listens,
            "port": str(self.port),
            "unix_socket_directories": str(self.sockets),
            "archive_command": archive_command,
            **recovery,
        }
        lines = "".join(f"{name} = {literal(value)}\n" for name, value in settings.items())
        self._write("postgresql.conf", lines)
        self._write("postgresql.auto.conf", "")
        encrypted = "hostssl" if self.force_ssl else "host"
        self._write("pg_hba.conf", "\n".join([
            "local all         rdsadmin trust",
            "local replication rdsadmin trust",
            "host  all         rdsadmin all reject",
            "host  rdsadmin    all      all reject",
            f"{encrypted} all   all      all scram-sha-256",
        ]) + "\n")

    @property
    def force_ssl(self) -> bool:
        return self.parameters.get("rds.force_ssl", "1") != "0"

    def _write(self, name: str, text: str) -> None:
        path = self.data / name
        path.write_text(text)
        self.fleet.give_away(path)

    def sql(self, text: str, database: str = "postgres") -> str:
        """Runs statements as rdsadmin through the socket, each in its own transaction."""
        return self.fleet.run(
            self.fleet.program(self.major, "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1",
            "-h", self.sockets, "-p", str(self.port), "-U", "rdsadmin", "-d", database,
            text=text,
        ).strip()

    def set_password(self, user: str, password: str) -> None:
        self.sql(f"ALTER ROLE {identifier(user)} PASSWORD {literal(password)}")

    def copy_to(self, target: Path) -> None:
        """A crash-consistent copy of the data; of a stopped server, just its files."""
        if not self.running:
            self.fleet.copy(self.data, target)
            return
        self.fleet.run(
            self.fleet.program(self.major, "pg_basebackup"), "-h", self.sockets,
            "-p", str(self.port), "-U", "rdsadmin", "-D", target, "-c", "fast", "-X", "stream",
            "--no-sync", "--no-manifest",
        )

    def flush_archive(self) -> None:
        """Archives all WAL written so far, behind a commit later than any moment before this call.

        Recovery to a moment fails when no commit follows it, so one is made here.
        """
        if not self.running:
            return
        self.sql("SELECT pg_current_xact_id()")
        last = self.sql("SELECT pg_walfile_name(pg_switch_wal())")
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while not (self.archive / last).exists():
            if time.monotonic() > deadline:
                raise CommandFailed(f"WAL file {last} was not archived in time")
            pause(POLL_SECONDS)

    def _until(self, query: str, wanted: str, what: str) -> None:
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while self.sql(query) != wanted:
            if time.monotonic() > deadline:
                raise CommandFailed(f"waited too long for {what}")
            pause(POLL_SECONDS)

    def destroy(self, keep_archive: bool = False) -> None:
        self.stop("immediate")
        self.fleet.discard(self.data)
        self.fleet.discard(self.sockets)
        if not keep_archive:
            self.fleet.discard(self.archive)
