"""Which roles each command of Tidemark needs: the one table of it.

docs/manual/permissions.md has the same for people, and test_roles_every_verb.py holds both against
the program, which is run under exactly these.
"""

NO_AWS = None  # it asks AWS nothing
ANYBODY = ()  # it needs credentials, and no permission

# A command, or one that has that on its line: an option, or a word of hexadecimal digits for ARCHIVE.
# Where several match, the longest counts. What is listed together is printed together.
ROLES: dict[str, tuple[str, ...] | None] = {
    "run": ("snapshotter", "condemner", "pruner", "repo-writer", "repo-pruner"),
    "backup": ("snapshotter", "repo-writer"),
    "status": ("snapshotter", "repo-reader"),
    "list": ("snapshotter",),
    "show": ("snapshotter",),
    "plan": ("snapshotter", "repo-reader"),
    "prune": ("condemner", "pruner"),
    "hold": ("condemner",),
    "hold ARCHIVE": ("repo-writer",),
    "release": ("condemner",),
    "release ARCHIVE": ("repo-pruner",),
    "restore": ("restorer",),
    "restore --to": ("repo-reader",),
    "restore --to --files": ("repo-reader", "files-restorer"),
    "restore status": ("restorer",),
    "restore rollback": ("restorer",),
    "restore retire": ("restorer",),
    "archive": ("repo-writer", "snapshotter"),
    "archives": ("repo-reader",),
    "archives prune": ("repo-pruner",),
    "archives forget": ("repo-pruner",),
    "download": ("repo-reader",),
    "files inventory": ("repo-writer",),
    "files ls": ("files-restorer",),
    "files ls --point": ("files-restorer", "repo-reader"),
    "files diff": ("files-restorer",),
    "files diff --point": ("files-restorer", "repo-reader"),
    "files history": ("files-restorer",),
    "files cat": ("files-restorer",),
    "files cat --point": ("files-restorer", "repo-reader"),
    "files get": ("files-restorer",),
    "files get --point": ("files-restorer", "repo-reader"),
    "files check": ("repo-reader",),
    "files restore": ("files-restorer",),
    "files restore --point": ("files-restorer", "repo-reader"),
    "check": ("repo-reader",),
    "verify": ("repo-reader",),
    "repair": ("repo-writer",),
    "repo init": ("repo-keeper",),
    "repo info": ("repo-reader",),
    "repo stats": ("repo-reader",),
    "key list": ("repo-keeper",),
    "key add": ("repo-keeper",),
    "key recovery-sheet": ("repo-keeper",),
    "key remove": ("repo-keeper",),
    "key change-password": ("repo-keeper",),
    "key rekey": ("repo-keeper",),
    "doctor": ("auditor",),
    "whoami": ANYBODY,
    "schedule preview": NO_AWS,
    "retention simulate": NO_AWS,
    "config init": NO_AWS,
    "config check": NO_AWS,
    "config show": NO_AWS,
    "iam": NO_AWS,
    "health": NO_AWS,
    "completion": NO_AWS,
    "man": NO_AWS,
    "version": NO_AWS,
}
ARCHIVE_DIGITS_MIN = 4


def command_of(case: str) -> list[str]:
    """Of a line of the table, without what else has to be on its line."""
    return [word for word in case.split() if word.islower() and not word.startswith("--")]


def commands() -> set[str]:
    return {" ".join(command_of(case)) for case in ROLES}


def case_of(words: tuple[str, ...]) -> str | None:
    """The line of the table that these arguments are; None when they are no command."""
    found = [case for case in ROLES if matches(case, words)]
    return max(found, key=lambda case: (len(command_of(case)), len(case.split())), default=None)


def matches(case: str, words: tuple[str, ...]) -> bool:
    command = command_of(case)
    begin = next((n for n, word in enumerate(words) if not word.startswith("-")), len(words))
    named, rest = list(words[begin:begin + len(command)]), words[begin + len(command):]
    return named == command and all(
        any(map(is_archive, rest)) if mark == "ARCHIVE" else mark in rest
        for mark in case.split()[len(command):])


def is_archive(word: str) -> bool:
    return len(word) >= ARCHIVE_DIGITS_MIN and set(word) <= set("0123456789abcdef")
