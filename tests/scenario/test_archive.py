"""A database into the repository and back: equal definitions, equal rows, a day for little, and
nothing believed that is not proven."""

import os
import random
import shutil
import signal
import subprocess
import time

import pytest

from archiving import ArchiveWorld
from story import TIDEMARK, command

SEED = 20_261_124
KILLS = 12


@pytest.fixture(scope="module")
def archives(build, tmp_path_factory):
    world = build("--delay", "0")
    world.create("orders", DBName="shop")
    filled = command("fill", "--dir", world.folder, "--instance", "orders", "--size", "small")
    assert filled.returncode == 0, filled.stderr
    made = ArchiveWorld(world, tmp_path_factory.mktemp("archives") / "a")
    refused = made.tidemark("archive", "orders")
    assert refused.code == 10, refused  # there is no repository yet
    made.done("repo", "init")
    made.first = made.done("archive", "orders")
    return made


def test_large_objects_come_back_with_content_owner_comment_and_grants(archives):
    some = archives.sql("shop", "select min(oid) from pg_largeobject_metadata")
    archives.sql("shop", f"comment on large object {some} is 'it''s; one'")
    archives.sql("shop", f"grant select on large object {some} to shop_reader")
    archives.sql("shop", "select lo_from_bytea(0, convert_to(repeat('x', 600000), 'UTF8')), "
                 "lo_create(0)")
    archive = archives.done("archive", "orders")["archive"]
    archives.done("restore", archive, "--to", archives.fresh("objects"))
    assert archives.large_objects("objects") == archives.large_objects("shop") != ""


def test_what_was_archived_comes_back_equal_in_definitions_and_rows(archives):
    url = archives.fresh("copy of it = 'all'")
    restored = archives.done("restore", archives.first["archive"][:12], "--to", url, "--jobs", "3")
    assert restored["problems"] == []
    assert restored["rows"] == archives.first["rows"] > 0
    archives.check_equal("shop", "copy of it = 'all'")
    for sequence in ("invoice_number", "orders_id_seq"):
        state = f"select last_value, is_called from {sequence}"
        assert archives.sql("shop", state) == archives.sql("copy of it = 'all'", state)
    filled = "select count(*) from pg_matviews where ispopulated"
    assert archives.sql("shop", filled) == archives.sql("copy of it = 'all'", filled)


def test_a_day_costs_about_what_changed_and_earlier_days_still_come_back(archives):
    before = archives.rows("shop")
    first = archives.done("archive", "orders")
    archives.sql("shop", "update users set name = name || '!' where id % 40 = 0")
    second = archives.done("archive", "orders")
    assert second["differences"] >= 1
    assert second["stored_bytes"] < archives.first["stored_bytes"] / 10
    archives.done("restore", second["archive"], "--to", archives.fresh("second"))
    archives.check_equal("shop", "second")
    archives.done("restore", first["archive"], "--to", archives.fresh("first"))
    assert archives.rows("first") == before


def test_rows_of_one_table_come_back_into_a_table_that_is_there(archives):
    archive = archives.done("archive", "orders")["archive"]
    archives.done("restore", archive, "--to", archives.fresh("one"))
    archives.sql("one", "truncate files")
    archives.done("restore", archive, "--to", archives.url("one"), "--table", "public.files")
    assert archives.rows("one")["public.files"] == archives.rows("shop")["public.files"]
    missed = archives.tidemark("restore", archive, "--to", archives.url("one"), "--table", "files")
    assert missed.code == 16
    assert "public.orders" in missed.err


def test_a_table_comes_back_beside_the_one_that_is_there(archives):
    archive = archives.done("archive", "orders")["archive"]
    archives.done("restore", archive, "--to", archives.fresh("beside"))
    archives.sql("beside", "truncate files")
    archives.done("restore", archive, "--to", archives.url("beside"), "--table", "public.files",
                  "--as", 'public."files; before"')
    rows = archives.rows("beside")
    assert rows['public."files; before"'] == archives.rows("shop")["public.files"]
    assert rows["public.files"].split()[0] == "0"
    taken = archives.tidemark("restore", archive, "--to", archives.url("beside"), "--table",
                              "public.orders", "--as", "public.files")
    assert taken.code == 1 and "already exists" in taken.err, taken
    assert archives.rows("beside") == rows


def test_a_database_is_made_with_create_and_its_parts_come_one_by_one(archives):
    archive = archives.done("archive", "orders")["archive"]
    archives.sql("shop", 'drop database if exists "made; here"')
    url = archives.url("made; here")
    archives.done("restore", archive, "--to", url, "--create", "--schema-only")
    assert archives.definitions("made; here") == archives.definitions("shop")
    assert all(one.split()[0] == "0" for one in archives.rows("made; here").values())
    again = archives.tidemark("restore", archive, "--to", url, "--create")
    assert again.code == 1 and "without --create" in again.err, again
    filled = archives.tidemark("restore", archive, "--to", url, "--schema-only")
    assert filled.code == 19 and "not empty" in filled.err, filled
    archives.sql("made; here", archives.WITHOUT_FOREIGN_KEYS)
    archives.done("restore", archive, "--to", url, "--data-only")
    assert archives.rows("made; here") == archives.rows("shop")
    assert archives.large_objects("made; here") == archives.large_objects("shop")
    # The large objects are there still, so they cannot be made; by then the rows are back.
    tables = ", ".join(archives.rows("made; here"))
    archives.sql("made; here", f"truncate {tables}")
    stopped = archives.tidemark("restore", archive, "--to", url, "--data-only")
    assert stopped.code != 0 and "holds what it held before, and the rows now" in stopped.err, stopped
    assert archives.rows("made; here") == archives.rows("shop")


def test_one_schema_comes_back_alone(archives):
    archives.sql("shop", """create schema side; create table side.lines (id int primary key, of int
                 references public.orders (id)); insert into side.lines select id, id from orders;
                 create index on side.lines (of)""")
    try:
        archive = archives.done("archive", "orders")["archive"]
        url = archives.fresh("only side")
        restored = archives.tidemark("restore", archive, "--to", url, "--schema", "side", "--json")
        assert restored.code == 3, restored  # a foreign key leads out of it
        assert "lines_of_fkey" in restored.json["problems"][0]["message"]
        assert list(archives.rows("only side")) == ["side.lines"]
        assert archives.rows("only side")["side.lines"] == archives.rows("shop")["side.lines"]
        assert archives.sql("only side", "select count(*) from pg_indexes where schemaname = 'side'") == "2"
        none = archives.tidemark("restore", archive, "--to", url, "--schema", "none")
        assert none.code == 16, none
    finally:
        archives.sql("shop", "drop schema side cascade")


def test_roles_that_are_missing_are_made_and_others_left_alone(archives, tmp_path):
    archives.sql("shop", """create role "odd; role" login password 'never stored' connection limit 3;
                 alter role "odd; role" set work_mem to '8MB'; grant shop_reader to "odd; role" """)
    archived = archives.done("archive", "orders")
    mine = [one for one in archives.done("archives")["archives"]
            if one["archive"] == archived["archive"]]
    assert int(mine[0]["facts"]["roles"]) >= 2
    assert mine[0]["facts"]["role_passwords"] == "left out"
    state = """select rolname, rolcanlogin, rolconnlimit, rolconfig,
                      pg_has_role(rolname, 'shop_reader', 'member') from pg_roles order by 1"""
    before = archives.sql("shop", state)
    archives.sql("shop", 'drop role "odd; role"')
    restored = archives.done("restore", archived["archive"], "--to", archives.fresh("roles"),
                             "--roles")
    assert restored["roles_made"] == ["odd; role"]
    assert archives.sql("shop", state) == before
    archives.sql("shop", 'drop role "odd; role"')
    file = tmp_path / "roles.sql"
    archives.done("download", archived["archive"], "-F", "roles", "-o", str(file))
    assert 'CREATE ROLE "odd; role" LOGIN CONNECTION LIMIT 3;' in file.read_text()
    assert "never stored" not in file.read_text()


def test_what_an_archive_would_not_heed_is_refused(archives):
    for words in (["--dry-run"], ["--at", "2026-11-24T00:00:00Z"], ["--table", "a.b", "--create"],
                  ["--schema-only", "--data-only"], ["--as", "other"]):
        refused = archives.tidemark("restore", "orders/shop", "--to", archives.url("none"), *words)
        assert refused.code == 2, refused


def test_a_database_that_is_not_empty_is_left_alone(archives):
    before = archives.rows("shop")
    refused = archives.tidemark("restore", "orders/shop", "--to", archives.url("shop"))
    assert refused.code == 19
    assert "not empty" in refused.err
    assert archives.rows("shop") == before


def test_the_wrong_key_opens_nothing_and_the_sheet_opens_everything(archives, tmp_path):
    sheet = archives.tidemark("key", "recovery-sheet")
    assert sheet.code == 0
    other = tmp_path / "sheet.txt"
    other.touch(mode=0o600)
    other.write_text(sheet.out)
    config = archives.config.read_text()
    key = f'key_file = "{archives.folder}/repository.key"'
    try:
        archives.config.write_text(config.replace(key, f'key_file = "{other}"'))
        assert len(archives.done("archives")["archives"]) >= 1
        wrong = sheet.out.replace("A", "B").replace("2", "3")
        other.write_text(wrong)
        assert archives.tidemark("archives").code in (2, 12)
        archives.config.write_text(config.replace(key, f'key_file = "{tmp_path}/none"'))
        missing = archives.tidemark("archives")
        assert missing.code != 0
        assert "none" in missing.err
    finally:
        archives.config.write_text(config)


def packs_of(archives) -> list:
    """The smallest first."""
    packs = [p for p in archives.repository.rglob("*") if p.is_file() and "packs" in p.parts]
    return sorted(packs, key=lambda pack: pack.stat().st_size)


def damage(packs: list) -> dict:
    """Flips a bit in the middle of each; gives what they held before."""
    kept = {pack: pack.read_bytes() for pack in packs}
    for pack, content in kept.items():
        os.chmod(pack, 0o600)
        middle = len(content) // 2
        pack.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1:])
    return kept


def test_damage_is_found_named_and_never_restored(archives):
    archive = archives.done("archive", "orders")["archive"]
    assert archives.done("verify")["sound"] is True
    kept = damage(packs_of(archives))
    try:
        verified = archives.tidemark("verify", "--json")
        assert verified.code == 13
        assert verified.json["findings"]
        restored = archives.tidemark("restore", archive, "--to", archives.fresh("damaged"))
        assert restored.code == 13, restored
        text = archives.tidemark("verify").out
        assert f"archive {archive[:12]}: table public." in text, text
    finally:
        for pack, content in kept.items():
            pack.write_bytes(content)
    assert archives.done("verify")["sound"] is True


def test_an_archive_that_is_killed_is_never_seen_and_the_next_one_is_right(archives):
    chance = random.Random(SEED)
    before = len(archives.done("archives")["archives"])
    words = ["archive", "orders"]
    variables = archives.world.variables({"TIDEMARK_CONFIG": str(archives.config)}, words)
    finished = 0
    for _ in range(KILLS):
        archives.sql("shop", "update users set name = name || '?' where id % 3 = 0")
        process = subprocess.Popen([TIDEMARK, *words], env=variables,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=chance.uniform(0.01, 0.25))
            finished += process.returncode == 0
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert archives.done("check")["sound"] is True
    seen = len(archives.done("archives")["archives"])
    assert before + finished <= seen <= before + KILLS
    last = archives.done("archive", "orders")
    archives.done("restore", last["archive"], "--to", archives.fresh("survivor"))
    archives.check_equal("shop", "survivor")


def test_a_bucket_holds_a_repository_as_a_folder_does(archives):
    archives.world.client("s3").create_bucket(
        Bucket="archives", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    key = archives.folder / "repository.key"
    shutil.move(key, archives.folder / "kept.key")
    try:
        archives.use("s3://archives/tidemark")
        archives.done("repo", "init")
        archived = archives.done("archive", "orders")
        assert archives.done("verify")["sound"] is True
        archives.done("restore", archived["archive"], "--to", archives.fresh("from bucket"))
        archives.check_equal("shop", "from bucket")
        keys = [one["Key"] for one in archives.world.client("s3").list_objects_v2(
            Bucket="archives")["Contents"]]
        assert any(name.startswith("tidemark/manifests/") for name in keys)
    finally:
        shutil.move(archives.folder / "kept.key", key)
        archives.use(str(archives.repository))


def test_a_server_that_is_newer_than_every_client_is_refused_by_name(archives, tmp_path):
    # No newer server runs here; what is looked for is shown by a URL to nobody instead.
    started = time.monotonic()
    nobody = archives.tidemark("archive", "postgresql://u@127.0.0.1:1/none?sslmode=require")
    assert nobody.code == 17
    assert "127.0.0.1" in nobody.err
    assert time.monotonic() - started < 60


def check_same(archives, database: str) -> None:
    archives.check_equal("shop", database)
    assert archives.large_objects(database) == archives.large_objects("shop") != ""
    sequences = "select string_agg(row(s.*)::text, ',') from (select * from pg_sequences order by 1, 2) s"
    assert archives.sql(database, sequences) == archives.sql("shop", sequences)
    views = "select string_agg(matviewname, ',' order by 1) from pg_matviews where ispopulated"
    assert archives.sql(database, views) == archives.sql("shop", views)


def test_a_downloaded_file_needs_only_stock_pg_restore(archives, tmp_path):
    archives.done("archive", "orders")
    file = tmp_path / "shop.dump"
    told = archives.done("download", "orders/shop", "-o", str(file))
    assert told["rows"] == archives.first["rows"]
    assert [one.name for one in tmp_path.iterdir()] == ["shop.dump"]
    assert file.stat().st_mode & 0o777 == 0o600
    listed = subprocess.run(["pg_restore", "--list", file], capture_output=True, text=True, check=True)
    for kind in ("TABLE DATA", "SEQUENCE SET", "BLOBS", "FK CONSTRAINT", "MATERIALIZED VIEW DATA"):
        assert f" {kind} " in listed.stdout
    restored = subprocess.run(["pg_restore", "--exit-on-error", "--jobs=3", "-d",
                               archives.fresh("stock"), file], capture_output=True, text=True)
    assert restored.returncode == 0, restored.stderr
    check_same(archives, "stock")


def test_a_download_goes_through_pipes_and_as_sql_into_psql(archives):
    archives.done("archive", "orders")
    ran = archives.piped(["download", "orders/shop", "-o", "-"],
                         ["pg_restore", "--exit-on-error", "-d", archives.fresh("piped")])
    assert ran == (0, 0)
    check_same(archives, "piped")
    ran = archives.piped(["download", "orders/shop", "-F", "plain", "-o", "-"],
                         ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", archives.fresh("sql")])
    assert ran == (0, 0)
    check_same(archives, "sql")


def test_a_downloaded_folder_is_pg_dumps_too(archives, tmp_path):
    archives.done("archive", "orders")
    folder = tmp_path / "shop"
    archives.done("download", "orders/shop", "-F", "directory", "-o", str(folder))
    restored = subprocess.run(["pg_restore", "--exit-on-error", "--jobs=2", "-d",
                               archives.fresh("folder"), folder], capture_output=True, text=True)
    assert restored.returncode == 0, restored.stderr
    check_same(archives, "folder")
    again = archives.tidemark("download", "orders/shop", "-F", "directory", "-o", str(folder))
    assert again.code == 1 and "is there already" in again.err, again


def test_a_download_of_one_table_holds_its_definition_and_rows(archives, tmp_path):
    archives.done("archive", "orders")
    file = tmp_path / "files.dump"
    told = archives.done("download", "orders/shop", "--table", "public.files", "-o", str(file))
    assert told["tables"] == 1
    url = archives.fresh("files")
    restored = subprocess.run(["pg_restore", "--exit-on-error", "--no-owner", "-d", url, file],
                              capture_output=True, text=True)
    assert restored.returncode == 0, restored.stderr
    assert archives.rows("files") == {"public.files": archives.rows("shop")["public.files"]}
    none = archives.tidemark("download", "orders/shop", "--table", "public.none", "-o", str(file))
    assert none.code == 16, none


def test_a_download_that_is_not_whole_is_never_taken_for_one(archives, tmp_path):
    archive = archives.done("archive", "orders")["archive"]
    for form in ("custom", "plain"):
        full = archives.tidemark("download", archive, "-F", form, "-o", "/dev/full")
        assert full.code == 18, full
        assert "/dev/full" in full.err and "is not whole" in full.err
    older = tmp_path / "older.dump"
    older.write_text("older")
    kept = damage(packs_of(archives)[-1:])  # the smaller ones have the definitions
    try:
        for form in ("custom", "plain"):
            broken = archives.tidemark("download", archive, "-F", form, "-o", str(older))
            assert broken.code == 13, broken
            assert "table " in broken.err and f"archive {archive[:12]}" in broken.err
        folder = archives.tidemark("download", archive, "-F", "directory", "-o",
                                   str(tmp_path / "folder"))
        assert folder.code == 13, folder
        assert [one.read_text() for one in tmp_path.iterdir()] == ["older"]
        assert archives.tidemark("download", archive, "-o", "-").code == 13
    finally:
        for pack, content in kept.items():
            pack.write_bytes(content)
    nowhere = archives.tidemark("download", archive, "-o", str(tmp_path / "none/shop.dump"))
    assert nowhere.code == 16, nowhere
