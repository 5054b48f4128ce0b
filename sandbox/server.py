"""The HTTP/1.1 server: keep-alive, raw request targets, and a connection that faults may ill-treat.

It knows nothing of AWS. `answer` receives a Request and gives a Delivery: the reply and how it is
to be put on the wire. One thread serves one connection.
"""

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sandbox.aws.messages import Reply, Request
from sandbox.clock import Clock, pause

BODY_BYTES_MAX = 5 * 2**30
SLOW_PIECES = 20


@dataclass
class Delivery:
    """How a reply leaves: `whole`, `reset`, `close`, `slow` (over seconds), `truncate` or `flood`,
    which sends head, piece, how many pieces and tail in place of the body."""

    reply: Reply
    manner: str = "whole"
    seconds: float = 0.0
    flood: tuple[bytes, bytes, int, bytes] = (b"", b"", 0, b"")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, answer: Callable[[Request], Delivery], clock: Clock):
        super().__init__(("127.0.0.1", port), Connection)
        self.answer, self.clock = answer, clock

    def handle_error(self, request, client_address):
        """A client that hangs up is normal here; real faults of ours are caught in front.py."""


class Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, format, *args):
        """Requests are kept in the journal instead of on the terminal."""

    def serve(self):
        headers = [(k, v.encode("latin1", "replace").decode("utf-8", "replace"))
                   for k, v in self.headers.items()]
        # The raw target comes from the request line: http.server folds leading slashes in its path.
        target = self.requestline.split(" ")[1]
        request = Request(self.command, target, headers, self.read_body())
        delivery = self.server.answer(request)
        if delivery.manner == "reset":
            return self.reset()
        if delivery.manner == "close":
            self.close_connection = True
            return None
        return self.send(delivery)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = serve

    def read_body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self.read_chunks()
        length = int(self.headers.get("Content-Length") or 0)
        if length > BODY_BYTES_MAX:
            raise ConnectionError("body too large")
        return self.rfile.read(length) if length else b""

    def read_chunks(self) -> bytes:
        pieces = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(pieces)

    def send(self, delivery: Delivery):
        reply = delivery.reply
        names = {k.lower() for k, _ in reply.headers}
        head, piece, count, tail = delivery.flood
        length = len(reply.body) + len(head) + len(piece) * count + len(tail)
        lines = [f"HTTP/1.1 {reply.status} {responses.get(reply.status, 'Unknown')}"]
        lines.append("Date: " + format_datetime(self.server.clock.now(), usegmt=True))
        lines.extend(f"{k}: {v}" for k, v in reply.headers)
        if "content-length" not in names and reply.status not in (204, 304):
            lines.append(f"Content-Length: {length}")
        top = ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")
        body = b"" if self.command == "HEAD" else reply.body
        if delivery.manner == "slow":
            return self.dribble(top, body, delivery.seconds)
        if delivery.manner == "truncate":
            body = body[: len(body) // 2]
            self.close_connection = True
        self.wfile.write(top + body)
        if delivery.manner == "flood":
            self.wfile.write(head)
            for _ in range(count):
                self.wfile.write(piece)
            self.wfile.write(tail)
        return None

    def dribble(self, top: bytes, body: bytes, seconds: float):
        self.wfile.write(top)
        step = max(1, -(-len(body) // SLOW_PIECES))
        for start in range(0, len(body), step):
            pause(seconds / SLOW_PIECES)
            self.wfile.write(body[start : start + step])

    def reset(self):
        """Ends the connection with RST: closing with a zero linger time does that."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()
