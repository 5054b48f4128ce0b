"""What policies, people and the daemon do with archives: each thing named, nothing lost that was
wanted, and every bad day with its own message and exit code."""

import os
import resource
import shutil
import signal
import subprocess

import pytest

from archive_upkeep import UpkeepWorld
from story import TIDEMARK, Outcome, command, until


@pytest.fixture(scope="module")
def world(build):
    made = build("--delay", "0")
    made.create("orders", DBName="shop")
    filled = command("fill", "--dir", made.folder, "--instance", "orders", "--size", "small")
    assert filled.returncode == 0, filled.stderr
    return made


@pytest.fixture(scope="module")
def template(world, tmp_path_factory):
    """Four archives, of which the policy keeps two."""
    made = UpkeepWorld(world, tmp_path_factory.mktemp("template") / "a", schedule=False)
    made.done("repo", "init")
    for _ in range(4):
        made.done("archive", "orders", "--name", "orders/shop")
        made.change()
    return made


@pytest.fixture
def archives(template, tmp_path):
    """A copy of them that nobody has seen before."""
    shutil.rmtree(template.world.state, ignore_errors=True)
    template.world.state.mkdir()
    made = UpkeepWorld(template.world, tmp_path / "a", schedule=False)
    shutil.copytree(template.repository, made.repository)
    shutil.copy2(template.folder / "repository.key", made.folder)
    return made


def test_a_prune_shows_marks_waits_and_then_frees(archives):
    first = archives.names()
    before = archives.objects()
    shown = archives.done("archives", "prune")
    assert shown["plan"]["forget"] == sorted(first[:2])
    assert archives.objects() == before  # a dry run
    marked = archives.done("archives", "prune", "--yes")
    assert marked["report"]["archives_removed"] == 0
    listed = archives.done("archives")["archives"]
    assert [one["condemned_at"] is None for one in listed] == [False, False, True, True]
    archives.done("restore", first[0], "--to", archives.fresh("condemned"))  # still restorable
    archives.done("hold", first[0][:12], "--reason", "audit 2026")
    archives.age()
    swept = archives.done("archives", "prune", "--yes")["report"]
    assert (swept["archives_removed"], swept["archives_held"]) == (1, 1)
    assert archives.names() == [first[0], *first[2:]]
    archives.check_all()
    assert archives.tidemark("archives", "forget", first[0], "--yes").code == 19  # held
    archives.done("release", first[0][:12])
    archives.done("restore", first[0], "--to", archives.fresh("held"))


def test_archives_are_forgotten_by_name_but_never_the_last_one(archives):
    first = archives.names()
    assert archives.tidemark("archives", "forget", "00000000").code == 16
    assert archives.tidemark("archives", "forget").code == 2
    refused = archives.tidemark("archives", "forget", *first, "--yes")
    assert refused.code == 19, refused
    assert "no archive would be left" in refused.err
    archives.done("archives", "forget", first[3], "--yes")
    archives.age()
    archives.done("archives", "prune", "--yes")
    assert first[3] not in archives.names()
    archives.check_all()


def test_stats_say_what_each_archive_added_and_what_is_saved(archives):
    stats = archives.done("repo", "stats")
    added = [one["added_bytes"] for one in stats["archives"]]
    assert len(added) == 4 and added[0] > 5 * max(added[1:]) > 0
    assert stats["plain_bytes"] > 4 * stats["pack_bytes"]
    assert "times smaller" in archives.tidemark("repo", "stats").out


def test_a_sample_reads_a_share_and_all_of_it_in_time(archives):
    assert archives.done("verify", "--sample", "25%")["all_within_days"] == 4
    assert archives.done("verify", "--sample", "100%")["chunks_read"] > 0
    assert archives.tidemark("verify", "--sample", "5").code == 2
    both = archives.tidemark("verify", "--sample", "5%", "--within-days", "3")
    assert both.code == 2 and "exclude each other" in both.err, both


def test_what_is_not_there_or_seen_by_others_is_said(archives):
    missing = archives.tidemark("archives", "nosuch")
    assert missing.code == 16 and "no archive of nosuch" in missing.err, missing
    seen = archives.tidemark("archive", "postgresql://nobody:visible@127.0.0.1:1/nothing", "-j", "3")
    assert seen.code != 2 and "PGPASSFILE" in seen.err and "visible" not in seen.err, seen


def test_a_lost_index_is_made_again(archives):
    shutil.rmtree(archives.repository / "index")
    (archives.repository / "index").mkdir()
    shutil.rmtree(archives.world.state / "cache", ignore_errors=True)
    assert archives.tidemark("check").code == 13
    repaired = archives.done("repair")
    assert repaired["packs_indexed"] > 0
    assert repaired["sound"] is True
    archives.check_all()


def keys_of(archives) -> dict[str, str]:
    return {key["kind"]: key["key"] for key in archives.done("key", "list")["keys"]}


def test_a_sheet_that_was_not_printed_is_no_key(archives):
    words = ["key", "recovery-sheet"]
    variables = archives.world.variables({"TIDEMARK_CONFIG": str(archives.config)}, words)
    with open("/dev/full", "w", encoding="ascii") as full:
        printed = subprocess.run([TIDEMARK, *words], env=variables, stdout=full,
                                 stderr=subprocess.PIPE)
    assert printed.returncode == 18, printed
    assert list(keys_of(archives)) == ["key file"]


def test_a_new_key_stays_only_when_it_opens_something(archives, tmp_path):
    config = archives.config.read_text()
    other = tmp_path / "other.key"
    key = f'key_file = "{archives.folder}/repository.key"'
    archives.config.write_text(config.replace(key, f'key_file = "{other}"'))
    again = archives.tidemark("repo", "init")
    assert again.code == 1 and "already" in again.err and not other.exists(), again
    missing = archives.tidemark("key", "rekey", "--new-key-file", str(other), "--yes")
    assert missing.code == 15 and not other.exists(), missing
    archives.config.write_text(config)
    manifest = next(p for p in (archives.repository / "manifests").rglob("*") if p.is_file())
    os.chmod(manifest, 0o600)
    manifest.write_bytes(manifest.read_bytes()[:-1])
    refused = archives.tidemark("key", "rekey", "--new-key-file", str(other), "--yes")
    assert refused.code == 19 and not other.exists(), refused


def test_a_key_that_others_read_is_warned_of(archives):
    (archives.folder / "repository.key").chmod(0o644)
    told = archives.tidemark("archives")
    assert told.code == 0 and "repository.key can be read by others" in told.err, told
    (archives.folder / "repository.key").chmod(0o600)
    assert "by others" not in archives.tidemark("archives").err


def test_a_name_cannot_speak_to_the_terminal(archives):
    archives.done("archive", "orders", "--name", "evil\x1b[2Jname")
    for words in (["archives"], ["repo", "stats"], ["archives", "prune"]):
        shown = archives.tidemark(*words)
        assert shown.code == 0 and "\x1b" not in shown.out + shown.err, shown
    assert "evil[2Jname" in archives.tidemark("archives").out


def test_a_key_is_removed_when_asked_for_and_never_the_one_in_use(archives, tmp_path):
    (tmp_path / "second").touch(mode=0o600)
    (tmp_path / "second").write_text("second password\n")
    archives.tidemark("key", "add", "--password-file", str(tmp_path / "second"))
    keys = keys_of(archives)
    in_use = archives.tidemark("key", "remove", keys["key file"][:12], "--yes")
    assert in_use.code == 19 and "opened the repository" in in_use.err, in_use
    asked = archives.tidemark("key", "remove", keys["password"][:12])
    assert asked.code == 19 and "nobody is there to agree" in asked.err, asked
    assert keys["key file"][:12] in asked.out.split("only these", 1)[1]
    assert keys_of(archives) == keys
    removed = archives.tidemark("key", "remove", keys["password"][:12], "--yes")
    assert removed.code == 0, removed
    assert list(keys_of(archives)) == ["key file"]


def test_a_password_is_changed_and_a_rekey_shuts_every_old_key_out(archives, tmp_path):
    config = archives.config.read_text()
    key = f'key_file = "{archives.folder}/repository.key"'
    for name in ("first", "second"):
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_text(f"{name} password\n")
    archives.tidemark("key", "add", "--password-file", str(tmp_path / "first"))
    assert archives.tidemark("key", "change-password", "--password-file",
                             str(tmp_path / "second")).code == 2  # opened by a key file
    archives.config.write_text(config.replace(key, f'password_file = "{tmp_path}/first"'))
    changed = archives.tidemark("key", "change-password", "--password-file", str(tmp_path / "second"))
    assert changed.code == 0, changed
    assert archives.tidemark("archives").code == 12
    archives.config.write_text(config.replace(key, f'password_file = "{tmp_path}/second"'))
    first = archives.names()

    fresh = tmp_path / "new.key"
    shown = archives.tidemark("key", "rekey", "--new-key-file", str(fresh))
    assert shown.code == 0 and not fresh.exists()
    assert archives.done("key", "rekey", "--new-key-file", str(fresh), "--yes")["slots_removed"] == 2
    assert archives.tidemark("archives").code == 12
    archives.config.write_text(config)
    assert archives.tidemark("archives").code == 12
    archives.config.write_text(config.replace(key, f'key_file = "{fresh}"'))
    assert archives.names() == first
    archives.done("archive", "orders", "--name", "orders/shop")
    archives.check_all()
    archives.done("restore", first[0], "--to", archives.fresh("rekeyed"))
    again = archives.tidemark("key", "rekey", "--new-key-file", str(fresh), "--yes")
    assert again.code == 16 and "opens the repository already" in again.err


def test_a_pass_archives_on_schedule_and_status_tells(world, tmp_path):
    made = UpkeepWorld(world, tmp_path / "s")
    missing = made.tidemark("status", "orders")
    assert missing.code == 14 and "cannot be looked at" in missing.out, missing
    made.done("repo", "init")
    due = made.tidemark("plan")
    assert "+ archive orders/shop" in due.out, due
    run = made.done("run", "--once")["sources"][0]
    assert [event["act"] for event in run["events"] if event["act"] == "archive"] == ["archive"]
    assert len(made.names()) == 1
    again = made.done("run", "--once")["sources"][0]
    assert again["archives"][0]["covered"] is True
    assert len(made.names()) == 1
    status = made.done("status")["sources"][0]
    assert status["archives"][0]["newest"] == made.names()[0]
    assert "archived" in made.tidemark("status").out
    leases = [name for name in made.objects() if name.startswith("leases/")]
    assert len(leases) > 1  # the archive's, and that of the day's prune


def test_the_daemon_archives_beside_its_passes_and_ends_when_asked(world, tmp_path):
    made = UpkeepWorld(world, tmp_path / "d")
    made.done("repo", "init")
    (world.state / "health.json").unlink(missing_ok=True)
    with made.locked("users"):
        daemon = world.start("run", TIDEMARK_CONFIG=str(made.config))
        until((world.state / "health.json").exists, "a pass")
    try:
        until(lambda: list((made.repository / "manifests").glob("*")), "an archive")
        until(lambda: made.tidemark("health").code == 0, "the heartbeat after it")
    finally:
        daemon.send_signal(signal.SIGTERM)
        out, err = daemon.communicate(timeout=60)
    assert daemon.returncode == 0, err
    assert "archived" in err and "stopping, as asked" in err, err
    made.check_all()


def test_a_database_that_cannot_be_archived_is_never_green(world, tmp_path):
    made = UpkeepWorld(world, tmp_path / "f")
    made.done("repo", "init")
    made.config.write_text(made.config.read_text().replace('["shop"]', '["gone"]'))
    failed = made.tidemark("run", "--once", "--json")
    assert failed.code not in (0, 3), failed
    events = [one for one in failed.json["sources"][0]["events"] if one["act"] == "archive"]
    assert "gone" in events[0]["error"]["message"]
    assert made.tidemark("status").code == 14


def with_small_files(archives: UpkeepWorld, largest: int, *words: str) -> Outcome:
    """Runs it where no file may grow beyond that, as on a disk that is almost full."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    variables = archives.world.variables({"TIDEMARK_CONFIG": str(archives.config)}, words)
    done = subprocess.run([TIDEMARK, *words], env=variables, text=True, capture_output=True,
                          preexec_fn=limit, timeout=90)
    return Outcome(done.returncode, done.stdout, done.stderr)


def test_a_full_disk_fails_the_archive_and_nothing_else(archives):
    before = archives.names()
    for largest, folder in ((64, "leases/"), (4096, "packs/")):
        full = with_small_files(archives, largest, "archive", "orders", "--name", "other")
        assert full.code == 18, full
        assert str(archives.repository) in full.err and folder in full.err, full
    pruned = with_small_files(archives, 64, "archives", "prune", "--yes")
    assert pruned.code == 18 and "leases/" in pruned.err, pruned
    assert archives.names() == before
    archives.check_all()
    archives.done("archive", "orders", "--name", "other")


def test_an_archive_that_somebody_deleted_is_missed_by_whoever_saw_it(archives):
    (archives.repository / "manifests" / archives.names()[3]).unlink()
    missed = archives.tidemark("archives")
    assert missed.code == 19 and "rolled back" in missed.err, missed
    note = missed.err.split("(")[-1].split(")")[0]
    os.unlink(note)
    assert len(archives.names()) == 3


MISSING = {  # what is lost: the exit codes of check and archives, and a word of what is said
    "config": (13, 13, "config"),
    "keys": (12, 12, "key"),
    "packs": (13, 0, "table public."),
    "index": (13, 0, "`tidemark repair`"),
    "older manifest": (13, 0, "is missing"),
    "holds": (0, 0, "sound"),
    "marks": (0, 0, "sound"),
    "leases": (0, 0, "sound"),
}


@pytest.mark.parametrize("lost", MISSING)
def test_a_missing_object_of_each_kind_is_named_where_it_matters(archives, lost):
    first = archives.names()
    archives.done("hold", first[1])
    archives.done("archives", "forget", first[2], "--yes")
    shutil.rmtree(archives.world.state / "cache", ignore_errors=True)
    if lost == "older manifest":
        (archives.repository / "manifests" / first[0]).unlink()
    elif lost == "config":
        (archives.repository / "config").unlink()
    else:
        shutil.rmtree(archives.repository / lost)
    code, listed, word = MISSING[lost]
    checked = archives.tidemark("check")
    assert checked.code == code and word in checked.out + checked.err, checked
    assert archives.tidemark("archives").code == listed
    # What is incomplete is never pruned; an index is made of what the packs say themselves.
    pruned = archives.tidemark("archives", "prune", "--yes")
    assert pruned.code in ((12, 13, 19) if code and lost != "index" else (0,)), pruned


@pytest.mark.parametrize("folder", ["config", "keys", "packs", "manifests", "holds", "marks"])
def test_a_damaged_object_of_each_kind_is_named_and_stops_what_would_delete(archives, folder):
    archives.done("hold", archives.names()[0])
    archives.done("archives", "forget", archives.names()[1], "--yes")
    shutil.rmtree(archives.world.state / "cache", ignore_errors=True)
    found = archives.repository / folder
    for path in [found] if found.is_file() else [p for p in found.rglob("*") if p.is_file()]:
        content = path.read_bytes()
        os.chmod(path, 0o600)
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    seen = archives.tidemark("check" if folder != "packs" else "verify")
    assert seen.code in (12, 13), seen
    kind = {"config": "config", "keys": "key", "packs": "pack", "manifests": "manifest",
            "holds": "hold", "marks": "mark"}[folder]
    assert kind in seen.out + seen.err, seen
    if folder != "packs":  # those it reads only when it has to
        before = archives.objects()
        assert archives.tidemark("archives", "prune", "--yes").code in (12, 13, 19)
        assert set(before) <= set(archives.objects())


def test_after_damage_the_next_archive_is_whole_and_stays_so(archives):
    for pack in (archives.repository / "packs").rglob("*"):
        if pack.is_file():
            content = pack.read_bytes()
            middle = len(content) // 2
            os.chmod(pack, 0o600)
            pack.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1:])
    shutil.rmtree(archives.world.state / "cache", ignore_errors=True)
    found = archives.tidemark("verify")
    assert found.code == 13 and "stores again" in found.out, found
    assert archives.tidemark("check").code == 13
    whole = archives.done("archive", "orders", "--name", "whole")["archive"]
    assert archives.tidemark("archives", "prune", "--yes").code in (0, 13, 19)
    archives.done("restore", whole, "--to", archives.fresh("whole"))
    archives.check_equal("shop", "whole")


def test_a_repository_of_a_newer_program_is_told_apart_from_damage(archives):
    manifest = next((archives.repository / "manifests").iterdir())
    config = archives.repository / "config"
    for path in (config, manifest):
        content = bytearray(path.read_bytes())
        assert content[:8] == b"TIDEMARK"
        content[8] = 2
        os.chmod(path, 0o600)
        path.write_bytes(bytes(content))
        break
    newer = archives.tidemark("archives")
    assert newer.code == 16, newer
    assert "newer" in newer.err
