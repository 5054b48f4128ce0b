"""The keys that the sandbox has given out, learned from the answers that gave them out.

One root key is printed at the start. IAM's CreateAccessKey and every STS call that hands out
session credentials add to the ring; deleting or deactivating a key takes it off.
"""

import threading
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from datetime import datetime, timezone

from sandbox.aws.messages import Reply, Request

ROOT_ACCESS_KEY = "AKIASANDBOXROOT00000"
ROOT_SECRET_KEY = "sandbox/root+secret/key0000000000000000A"


@dataclass(frozen=True)
class Key:
    secret: str
    token: str = ""
    expires: datetime | None = None
    active: bool = True


class KeyRing:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys = {ROOT_ACCESS_KEY: Key(ROOT_SECRET_KEY)}

    def find(self, access_key: str) -> Key | None:
        with self._lock:
            key = self._keys.get(access_key)
            return key if key is not None and key.active else None

    def add(self, access_key: str, secret: str) -> None:
        with self._lock:
            self._keys[access_key] = Key(secret)

    def learn(self, request: Request, reply: Reply) -> None:
        """Takes note of keys in a reply of STS or IAM."""
        action = request.form.get("Action", "")
        if reply.status != 200:
            return
        if request.service == "sts" or action == "CreateAccessKey":
            self._add_from(reply.body)
        elif action == "DeleteAccessKey":
            with self._lock:
                self._keys.pop(request.form.get("AccessKeyId", ""), None)
        elif action == "UpdateAccessKey":
            self._activate(request.form.get("AccessKeyId", ""),
                           request.form.get("Status") == "Active")

    def _activate(self, access_key: str, active: bool) -> None:
        with self._lock:
            if key := self._keys.get(access_key):
                self._keys[access_key] = Key(key.secret, key.token, key.expires, active)

    def _add_from(self, body: bytes) -> None:
        root = ElementTree.fromstring(body)

        def text(name: str) -> str:
            return root.findtext(f".//{{*}}{name}") or ""

        if not text("SecretAccessKey"):
            return
        expires = None
        if moment := text("Expiration"):
            expires = datetime.fromisoformat(moment.replace("Z", "+00:00"))
            expires = expires if expires.tzinfo else expires.replace(tzinfo=timezone.utc)
        key = Key(text("SecretAccessKey"), text("SessionToken"), expires)
        with self._lock:
            self._keys[text("AccessKeyId")] = key
