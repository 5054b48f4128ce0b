"""Each command with the credentials of its role and of nothing else.

With TIDEMARK_SPLIT_CREDENTIALS=1 every story runs so: the sandbox enforces IAM, and a command gets
the keys of a user who holds exactly what `tidemark iam` prints for the roles of that command. The
stories themselves go on as root: they are the world, and the witness.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from verb_roles import ROLES, case_of

ACCOUNT = "123456789012"  # of every sandbox
SPLIT = os.environ.get("TIDEMARK_SPLIT_CREDENTIALS") == "1"
ENFORCED = ("--iam", "--as-if-tls")
# Options before or after a command that decide what a policy is filled in with.
OF_THE_POLICY = ("--config", "--region")
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


class Keys:
    """Users of a sandbox, one for each policy that was ever printed there."""

    def __init__(self, world: Any, program: Path):
        self.world, self.program = world, program
        self._keys: dict[str, dict[str, str]] = {}
        self._beside: list[str] = []  # what the restorer was told to make beside the instances

    @property
    def secrets(self) -> list[str]:
        return [key["AWS_SECRET_ACCESS_KEY"] for key in self._keys.values()]

    def of(self, words: tuple[str, ...], variables: dict[str, str]) -> dict[str, str]:
        """For variables that hold the root's keys, those of the command's roles."""
        if any(variables.get(name) != self.world.environment[name] for name in KEYS):
            return {}  # the story has its own, or none
        case = case_of(words)
        roles = ROLES[case] if case else None
        return self.holding(self.printed(roles, words, variables) if roles else "")

    def printed(self, roles: tuple[str, ...], words: tuple[str, ...],
                variables: dict[str, str]) -> str:
        """Empty when the configuration cannot be read: then the command fails by itself."""
        given = [part for n, word in enumerate(words) if word in OF_THE_POLICY
                 for part in words[n:n + 2]]
        if "restorer" in roles:
            self._beside += [words[n + 1] for n, word in enumerate(words) if word == "--as"]
            given += ["--as", ",".join(self._beside)] if self._beside else []
        done = subprocess.run(
            [self.program, "iam", *roles, "--account", ACCOUNT, *given], env=variables,
            text=True, capture_output=True, timeout=60)
        return done.stdout if done.returncode == 0 else ""

    def holding(self, policy: str) -> dict[str, str]:
        if policy not in self._keys:
            made = self.world.control("POST", "users", {
                "name": f"user-{len(self._keys)}", "policy": json.loads(policy or "null")})
            self._keys[policy] = dict(zip(KEYS, (made["AccessKeyId"], made["SecretAccessKey"]),
                                          strict=True))
        return self._keys[policy]

    def check_nothing_was_refused(self, variables: dict[str, str]) -> None:
        """What a command shrugs off is a gap in its role all the same."""
        if not any(variables.get(KEYS[0]) == key[KEYS[0]] for key in self._keys.values()):
            return
        ours = [entry for entry in self.world.control("GET", "log")
                if entry["access_key"] == variables[KEYS[0]]]
        # A call whose reply was lost may be refused when it is sent again: its tags are gone.
        lost = [(entry["action"], entry["params"]) for entry in ours if entry["fault"]]
        refused = [(entry["action"], entry["error"]) for entry in ours
                   if "AccessDenied" in (entry["error"] or "") and not entry["fault"]
                   and (entry["action"], entry["params"]) not in lost]
        assert not refused, refused
