"""A bucket of a million files: the program's memory does not grow with it.

A server of the standard library gives pages as S3 does, made as they are asked for, to the real
client and the real parser; what moto needs for as many objects would drown what is measured.
"""

import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from story import TIDEMARK

FILES = 1_000_000
CHANGED = FILES // 10
PAGE = 1_000
MEMORY_MAX = 256 << 20
VERSION = ("<Version><Key>%(key)s</Key><VersionId>v%(number)s.%(age)d</VersionId>"
           "<IsLatest>%(latest)s</IsLatest><LastModified>2026-11-2%(age)dT02:00:00.000Z"
           "</LastModified><ETag>&quot;%(etag)032x&quot;</ETag><Size>%(size)d</Size>"
           "<StorageClass>STANDARD</StorageClass></Version>")
CONFIG = """
state_dir = "{folder}"
[repository]
url = "{folder}/repository"
key_file = "{folder}/key"
[source.shop]
bucket = "a-million"
region = "eu-west-1"
"""


def page(first: int, later: bool) -> str:
    """Versions of the 22nd; later, each tenth file was changed on the 24th."""
    lines = []
    for number in range(first, min(first + PAGE, FILES)):
        at = {"key": f"files%2F{number:08d}%2Fa+name+of+usual+length.pdf", "number": number,
              "size": number}
        changed = later and number % 10 == 0
        if changed:
            lines.append(VERSION % (at | {"latest": "true", "age": 4, "etag": number + 1}))
        lines.append(VERSION % (at | {"latest": "false" if changed else "true", "age": 2,
                                      "etag": number}))
    more = first + PAGE < FILES
    last = f"files%2F{first + PAGE - 1:08d}%2Fa+name+of+usual+length.pdf"
    return ("<ListVersionsResult><EncodingType>url</EncodingType>" + "".join(lines) +
            f"<IsTruncated>{str(more).lower()}</IsTruncated>" +
            (f"<NextKeyMarker>{last}</NextKeyMarker>" if more else "") + "</ListVersionsResult>")


class Bucket(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        asked = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        if "versions" in asked:
            marker = asked.get("key-marker", [""])[0]
            body = page(int(marker.split("/")[1]) + 1 if marker else 0, self.server.later)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def shop(tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = tmp_path / "tidemark.toml"
    config.write_text(CONFIG.format(folder=tmp_path))
    variables = {"TIDEMARK_CONFIG": str(config), "AWS_ACCESS_KEY_ID": "key",
                 "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1",
                 "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}", "HOME": str(tmp_path)}

    def run(*words: str):
        """Its last document, once it has ended within the memory that it is allowed."""
        with open(tmp_path / "out", "w+") as out:
            process = subprocess.Popen([TIDEMARK, *words, "--json"], env=variables, stdout=out)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = status
            out.seek(0, 2)
            out.seek(max(0, out.tell() - 4096))
            last = out.read().splitlines()[-1]
        assert status == 0
        assert used.ru_maxrss * 1024 < MEMORY_MAX, f"{used.ru_maxrss / 1024:.0f} MiB"
        return json.loads(last)

    server.later = False
    run.server = server
    yield run
    server.shutdown()


def test_a_million_files_need_less_than_256_mib(shop):
    shop("repo", "init")
    first = shop("files", "inventory", "shop")
    assert first["files"] == FILES
    shop.server.later = True
    planned = shop("files", "restore", "shop", "--point", first["archive"], "--dry-run")
    assert planned["plan"] == {"cold": 0, "copy": CHANGED, "copy_bytes": planned["plan"]["copy_bytes"],
                               "lost": 0, "remove": 0, "thawing": 0, "unchanged": FILES - CHANGED}
