"""Which loopback address belongs to an identifier, and which server answers there.

On RDS a host name is made of identifier, account and region: whoever takes the identifier takes the
endpoint. Here the address stands for the host name. After a rename the old name may be stale for
a while, as a cached DNS answer is: connections then still reach the renamed server, though another
one has the name by now. That one listens at a hidden address meanwhile, and forwarders stand where
the name points.
"""

import contextlib
import random
import select
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

ATTEMPTS_MAX = 20
CONNECT_SECONDS_MAX = 5.0
POLL_SECONDS = 0.05
PIECE_BYTES = 65536
QUEUE_MAX = 64


class NoAddress(Exception):
    """No loopback address has the wanted port free."""


@dataclass
class Name:
    address: str
    holder: Any = None  # the server that has the name now
    stale: Any = None  # the server that had it, which connections still reach
    stale_until: float = 0.0
    forwarders: dict[int, "Forwarder"] = field(default_factory=dict)

    @property
    def is_stale(self) -> bool:
        return self.stale is not None and time.monotonic() < self.stale_until

    @property
    def answering(self) -> Any:
        return self.stale if self.is_stale else self.holder

    @property
    def needs_forwarders(self) -> bool:
        hidden = self.holder is not None and self.holder.listens not in ("", self.address)
        return self.is_stale or hidden


class Names:
    """All calls may come from any thread. A server has `host`, `port` and `listens`, the address
    it is bound to, empty while it is stopped."""

    def __init__(self) -> None:
        self._names: dict[str, Name] = {}
        self._lock = threading.RLock()

    def take(self, server: Any) -> None:
        """Gives a server that is about to start its address, and where to listen and at which port:
        the wanted one, unless that is taken on this machine."""
        with self._lock:
            name = self._names.get(server.host)
            if name is None:
                address, server.port = free_address(server.port)
                name = self._names[server.host] = Name(address)
            name.holder, server.address = server, name.address
            if name.stale is server:
                name.stale = None
            if name.is_stale:
                server.listens, _ = free_address(server.port)
                self._forward(name, server.port)
            else:
                self._close(name)
                server.port = free_port(name.address, server.port)
                server.listens = name.address

    def leave(self, server: Any) -> None:
        """The server has stopped; nothing answers at its name, unless the name is stale."""
        with self._lock:
            server.listens = ""
            name = self._names.get(server.host)
            if name is not None and not name.is_stale:
                self._close(name)

    def rename(self, server: Any, host: str, stale_seconds: float) -> None:
        """A stopped server takes another name; the old one goes on reaching it for a while."""
        with self._lock:
            name = self._names.get(server.host)
            server.host = host
            if name is None:
                return
            name.holder, name.stale = None, server
            name.stale_until = time.monotonic() + stale_seconds
            self._close(name)
            if stale_seconds > 0:
                self._forward(name, server.port)

    def certified(self, server: Any) -> list[str]:
        """The addresses a server's certificate must hold for: a stale name leads to it unseen."""
        with self._lock:
            old = [n.address for n in self._names.values() if n.is_stale and n.stale is server]
            return [server.address, *old]

    def flush(self) -> None:
        """Ends all staleness, as if every cache had run out."""
        with self._lock:
            for name in self._names.values():
                name.stale = None

    def state(self) -> dict[str, Any]:
        with self._lock:
            return {host: {
                "address": name.address,
                "stale": name.is_stale,
                "reaches": name.answering.host if name.answering and name.answering.listens
                else None,
            } for host, name in self._names.items()}

    def _forward(self, name: Name, port: int) -> None:
        if port not in name.forwarders:
            name.forwarders[port] = Forwarder(
                name.address, port, lambda: self._listens(name),
                lambda forwarder: self._retire(name, forwarder))

    def _listens(self, name: Name) -> str:
        with self._lock:
            server = name.answering
            return server.listens if server is not None else ""

    def _retire(self, name: Name, forwarder: "Forwarder") -> bool:
        """Whether a forwarder that asks is needed no more; it is forgotten then."""
        with self._lock:
            if name.needs_forwarders and name.forwarders.get(forwarder.port) is forwarder:
                return False
            if name.forwarders.get(forwarder.port) is forwarder:
                del name.forwarders[forwarder.port]
            forwarder.close()
            return True

    @staticmethod
    def _close(name: Name) -> None:
        for forwarder in name.forwarders.values():
            forwarder.close()
        name.forwarders = {}


class Forwarder:
    """Passes connections on to the same port of whichever address is the target when they come."""

    def __init__(self, address: str, port: int, target: Callable[[], str],
                 retire: Callable[["Forwarder"], bool]):
        self.port, self.target, self.retire = port, target, retire
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((address, port))
        self.listener.listen(QUEUE_MAX)
        self.listener.settimeout(POLL_SECONDS)
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Frees the port at once: a mere close would leave it taken while a thread accepts."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _serve(self) -> None:
        while not self.retire(self):
            try:
                client, _ = self.listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return  # closed by another thread
            threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            address = self.target()
            if not address:
                return
            client.settimeout(None)
            with socket.create_connection((address, self.port), CONNECT_SECONDS_MAX) as server:
                server.settimeout(None)
                exchange(client, server)


def exchange(one: socket.socket, other: socket.socket) -> None:
    """Carries bytes both ways until one side ends."""
    while True:
        for ready in select.select([one, other], [], [])[0]:
            piece = ready.recv(PIECE_BYTES)
            if not piece:
                return
            (other if ready is one else one).sendall(piece)


def free_address(port: int) -> tuple[str, int]:
    """A loopback address of its own with the wanted port free, so that instances share port 5432
    as they do on RDS; another port only if that one is taken everywhere."""
    for attempt in range(ATTEMPTS_MAX):
        address = "127." + ".".join(str(random.randint(1, 250)) for _ in range(3))
        if found := probe(address, port if attempt < ATTEMPTS_MAX // 2 else 0):
            return address, found
    raise NoAddress("no free loopback address found")


def free_port(address: str, port: int) -> int:
    if found := probe(address, port) or probe(address, 0):
        return found
    raise NoAddress(f"no free port at {address}")


def probe(address: str, port: int) -> int:
    """The port if it can be bound there, 0 if not. Connections that ended lately do not count."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((address, port))
        except OSError:
            return 0
        return tried.getsockname()[1]
