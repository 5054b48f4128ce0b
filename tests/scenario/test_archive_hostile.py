"""What databases hold that programs stumble over: names, sizes, numbers, bytes and habits of roles.

Each is archived and restored, and pg_dump must write the same of both: definitions and rows."""

import subprocess

import pytest

from archiving import ArchiveWorld

DATABASES = {
    "names": r'''
        create schema "a""b'c
$(touch /nowhere/pwned)";
        create table "a""b'c
$(touch /nowhere/pwned)"."t;drop--	\" ("x y" int, "‮rtl" text, "%s%n" text);
        insert into "a""b'c
$(touch /nowhere/pwned)"."t;drop--	\" values (1, '‮', 'b');
        create table "''' + "n" * 63 + '''" (a int);
        create sequence "se'q";
        select setval('"se''q"', 5);''',
    "as many columns as there can be":
        f"create table wide ({','.join(f'c{i} int' for i in range(1600))});"
        "insert into wide select; insert into wide (c1599) values (7);",
    "no columns": "create table nothing (); insert into nothing default values;"
                  "insert into nothing default values; create table empty (a int);",
    "numbers and days": r'''
        create table v (f float8, n numeric, d date, t timestamptz, i interval, b bytea, a text[],
                        j jsonb);
        insert into v values
          ('NaN', 'NaN', 'infinity', '-infinity', '-1 year', '\x00ff',
           array[null, 'NULL', '\N', 'a,b{}'], '{"a":"\u00e9"}'),
          ('-Infinity', 'Infinity', '0044-03-15 BC', '4713-01-01 BC', '178000000 years', '', '{}',
           'null'),
          ('1e-307', 1e-1000, '5874897-12-31', '294276-12-31', null, null, null, null);''',
    "text that looks like copy's own": r'''
        create table t (a text);
        insert into t values (E'a\tb\nc\\d\re\b\f\v'), (''), ('\N'), ('\.'), (E'\\.\n\\.'), (null);''',
    "a database with habits": '''
        alter database current set datestyle = 'SQL, DMY';
        alter database current set search_path = 'nowhere';
        alter database current set extra_float_digits = -5;
        alter database current set bytea_output = 'escape';
        alter database current set intervalstyle = 'sql_standard';
        create table public.d (d date, t timestamptz, f float8, b bytea, i interval);
        insert into public.d values ('2024-02-03', '2024-02-03 04:05:06+00', 0.1::float8 + 0.2,
                                     '\\x5c00', '1 mon -3 days');
        alter database current set default_transaction_read_only = on;''',
}


@pytest.fixture(scope="module")
def archives(build, tmp_path_factory):
    world = build("--delay", "0")
    world.create("orders", DBName="shop")
    made = ArchiveWorld(world, tmp_path_factory.mktemp("hostile") / "a")
    made.done("repo", "init")
    return made


def dumped(archives, database: str) -> bytes:
    dump = subprocess.run(["pg_dump", archives.url(database)], capture_output=True)
    assert dump.returncode == 0, dump.stderr
    return b"\n".join(line for line in dump.stdout.splitlines() if not line.startswith(b"\\"))


def filled(archives, database: str, statements: bytes, options: str = "") -> None:
    archives.sql("shop", f'create database "{database}" template template0 {options}')
    statements = statements.replace(b"database current", f'database "{database}"'.encode())
    ran = subprocess.run(["psql", archives.url(database), "-XqAt", "-v", "ON_ERROR_STOP=1"],
                         input=statements, capture_output=True)
    assert ran.returncode == 0, ran.stderr


def comes_back(archives, database: str, options: str = "") -> None:
    made = archives.done("archive", archives.url(database), "--name", "hostile")
    archives.sql("shop", f'create database "back of {database}" template template0 {options}')
    archives.done("restore", made["archive"], "--to", archives.url(f"back of {database}"))
    # pg_dump obeys a database's settings where they are no concern of its own.
    archives.sql("shop", f'alter database "{database}" reset all')
    assert dumped(archives, database) == dumped(archives, f"back of {database}")


@pytest.mark.parametrize("database", DATABASES)
def test_it_comes_back_as_it_was(archives, database):
    filled(archives, database, DATABASES[database].encode())
    comes_back(archives, database)


def test_bytes_of_no_encoding_come_back_in_names_and_rows(archives):
    ascii = "encoding SQL_ASCII lc_collate 'C' lc_ctype 'C'"
    filled(archives, "bytes", b"create table \"t\xff\" (\"c\xe9\" text);"
           b"insert into \"t\xff\" values (E'\\351'), ('\xff\xfe\x80 raw');", ascii)
    comes_back(archives, "bytes", ascii)
    listed = archives.tidemark("archives")
    assert listed.code == 0, listed


def test_bytes_that_are_no_text_of_the_target_are_refused_there(archives):
    ascii = "encoding SQL_ASCII lc_collate 'C' lc_ctype 'C'"
    filled(archives, "not utf8", b"create table t (a text); insert into t values ('\xff');", ascii)
    made = archives.done("archive", archives.url("not utf8"), "--name", "hostile")
    refused = archives.tidemark("restore", made["archive"], "--to", archives.fresh("utf8"))
    assert refused.code not in (0, 2), refused
    assert "invalid byte sequence" in refused.err and "t" in refused.err


def test_another_encoding_comes_back_as_the_same_characters(archives):
    filled(archives, "latin", b"create table t (a text); insert into t values ('\xe9\xff');"
           b"comment on table t is '\xfc';", "encoding LATIN1 lc_collate 'C' lc_ctype 'C'")
    made = archives.done("archive", archives.url("latin"), "--name", "hostile")
    archives.done("restore", made["archive"], "--to", archives.fresh("from latin"))
    assert archives.sql("from latin", "select a, obj_description('t'::regclass) from t") == "éÿ|ü"
