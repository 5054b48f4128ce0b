"""Finds and starts the programs of this folder that the tests drive."""

import base64
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Signer:
    """Our signer as a child process: one request a line in, one answer a line out."""

    def __init__(self, program):
        self._child = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def sign(self, *, method, url, headers=(), body=b"", credentials, time, region, service,
             **options):
        """The headers that signing added. Raises ValueError with our error message."""
        return self._ask(method, url, credentials, time, region, service,
                         headers=[list(pair) for pair in headers],
                         body=base64.b64encode(body).decode(), **options)["headers"]

    def presign(self, *, method, url, credentials, time, region, service, seconds):
        return self._ask(method, url, credentials, time, region, service,
                         presign_seconds=seconds)["url"]

    def _ask(self, method, url, credentials, time, region, service, **more):
        question = {
            "method": method,
            "url": url,
            "access_key": credentials.access_key,
            "secret_key": credentials.secret_key,
            "token": credentials.token or "",
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": region,
            "service": service,
            **more,
        }
        self._child.stdin.write(json.dumps(question) + "\n")
        self._child.stdin.flush()
        answer = json.loads(self._child.stdout.readline())
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer

    def close(self):
        self._child.stdin.close()
        assert self._child.wait(timeout=10) == 0


@pytest.fixture(scope="session")
def programs():
    """The folder of the programs beside this file, built."""
    build = pathlib.Path(os.environ.get("TIDEMARK_BUILD_DIR", ROOT / "build" / "dev"))
    for folder in (build / "tests" / "oracle", build):
        if (folder / "sign_requests").exists():
            return folder
    pytest.fail(f"sign_requests is not built in {build}; build it, or set TIDEMARK_BUILD_DIR")


@pytest.fixture(scope="session")
def signer(programs):
    running = Signer(str(programs / "sign_requests"))
    yield running
    running.close()
