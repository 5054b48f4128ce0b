"""A source with a repository: how the stories of archives run them, and how they compare."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlsplit

from story import TIDEMARK, World, command

from sandbox_driver import PASSWORD

CONFIG = """
[repository]
url = "{url}"
key_file = "{folder}/repository.key"

[source.orders]
[source.orders.database]
password_file = "{folder}/password"
ca_bundle = "{ca}"
"""
TABLES = """select format('%I.%I', schemaname, tablename) from pg_tables
            where schemaname not in ('pg_catalog', 'information_schema') order by 1"""


class ArchiveWorld:
    WITHOUT_FOREIGN_KEYS = """do $$ declare k record; begin
        for k in select conrelid::regclass t, conname from pg_constraint
                  where contype = 'f' and conparentid = 0
        loop execute format('alter table %s drop constraint %I', k.t, k.conname); end loop; end $$"""

    def __init__(self, world: World, folder):
        self.world, self.folder = world, folder
        folder.mkdir()
        self.repository = folder / "repository"
        (folder / "password").touch(mode=0o600)
        (folder / "password").write_text(PASSWORD + "\n")
        self.config = folder / "tidemark.toml"
        self.use(str(self.repository))

    def use(self, url: str) -> None:
        self.config.write_text(CONFIG.format(url=url, folder=self.folder,
                                             ca=self.world.environment["SANDBOX_CA"]))

    def tidemark(self, *words: str, **changes):
        return self.world.tidemark(*words, TIDEMARK_CONFIG=str(self.config), **changes)

    def done(self, *words: str):
        outcome = self.tidemark(*words, "--json")
        assert outcome.code == 0, outcome
        return outcome.json

    def piped(self, words: list[str], into: list) -> tuple[int, int]:
        """Pipes what the program writes into another one; the exit codes of both."""
        variables = self.world.variables({"TIDEMARK_CONFIG": str(self.config)}, words)
        writer = subprocess.Popen([TIDEMARK, *words], env=variables, stdout=subprocess.PIPE)
        reader = subprocess.run(into, stdin=writer.stdout, stdout=subprocess.DEVNULL)
        writer.stdout.close()
        return writer.wait(), reader.returncode

    def url(self, database: str) -> str:
        url = command("psql-url", "--dir", self.world.folder, "--instance", "orders")
        assert url.returncode == 0, url.stderr
        return urlsplit(url.stdout.strip())._replace(path="/" + quote(database)).geturl()

    def sql(self, database: str, query: str) -> str:
        ran = subprocess.run(["psql", self.url(database), "-XAtqc", query], text=True,
                             capture_output=True)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Nobody else can read the table meanwhile."""
        holder = subprocess.Popen(["psql", self.url("shop"), "-XAtq"], text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        holder.stdin.write(f"begin; lock table {table} in access exclusive mode; select 'locked';\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "locked\n"
        try:
            yield
        finally:
            holder.communicate("rollback;")

    def fresh(self, database: str) -> str:
        self.sql("shop", f'drop database if exists "{database}"')
        self.sql("shop", f'create database "{database}"')
        return self.url(database)

    def definitions(self, database: str) -> str:
        dumped = subprocess.run(["pg_dump", "--schema-only", self.url(database)], text=True,
                                capture_output=True, check=True).stdout
        # A random word of pg_dump's own guards each dump.
        return "\n".join(line for line in dumped.splitlines() if not line.startswith("\\"))

    def rows(self, database: str) -> dict[str, str]:
        tables = self.sql(database, TABLES).splitlines()
        each = [f"""select {number}, count(*) || ' ' ||
                coalesce(md5(string_agg(t::text, ',' order by t::text)), '') from only {table} t"""
                for number, table in enumerate(tables)]
        lines = self.sql(database, " union all ".join(each) + " order by 1").splitlines()
        return dict(zip(tables, (line.split("|", 1)[1] for line in lines), strict=True))

    def check_equal(self, left: str, right: str) -> None:
        assert self.definitions(left) == self.definitions(right)
        assert self.rows(left) == self.rows(right)

    def large_objects(self, database: str) -> str:
        return self.sql(database, """
            select string_agg(concat_ws(' ', oid, md5(lo_get(oid)), lomowner::regrole, lomacl,
                                        obj_description(oid, 'pg_largeobject')), ',' order by oid)
              from pg_largeobject_metadata""")
