"""Drives a sandbox in the tests; every RDS answer it gets is held against botocore's model."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from model_check import problems

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_SECONDS = 90
DOWN_SECONDS_MAX = 200
PASSWORD = "it's a p%ssword"


def command(*arguments: Any,
            seconds: float = DEADLINE_SECONDS + 20) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "sandbox", *map(str, arguments)], cwd=ROOT, text=True,
        capture_output=True, timeout=seconds)


def until(check: Callable[[], Any], what: str) -> Any:
    """Polls until the check gives something true, and returns that."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if found := check():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {DEADLINE_SECONDS} s for {what}")


def code_of(call: Callable, **parameters: Any) -> str:
    """The error code that a call ends with."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value.response["Error"]["Code"]


def message_of(call: Callable, **parameters: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value.response["Error"]["Message"]


class RunningSandbox:
    def __init__(self, folder: Path, *options: str):
        self.folder = folder
        started = command("up", "--dir", folder, "--parent", os.getpid(), *options)
        assert started.returncode == 0, started.stderr
        self.environment = dict(line.split("=", 1) for line in started.stdout.splitlines())
        self.url = self.environment["SANDBOX_URL"]

    def client(self, service: str, key: dict[str, str] | None = None, **options: Any):
        chosen = {
            "aws_access_key_id": self.environment["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": self.environment["AWS_SECRET_ACCESS_KEY"],
        }
        if key is not None:
            chosen = {"aws_access_key_id": key["AccessKeyId"],
                      "aws_secret_access_key": key["SecretAccessKey"],
                      "aws_session_token": key.get("SessionToken")}
        options = {"region_name": self.environment["AWS_REGION"]} | options
        client = boto3.client(service, endpoint_url=self.url, **chosen, **options, config=Config(
            retries={"total_max_attempts": 1}, read_timeout=10, signature_version="s3v4"
            if service == "s3" else None, parameter_validation=False))
        if service == "rds":
            client.meta.events.register("before-parse.rds", hold_against_model)
        return client

    def control(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/_sandbox/{path}", method=method,
            data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.load(reply)

    def faults(self, *faults: dict[str, Any]) -> None:
        self.control("POST", "faults", list(faults))

    def wait(self, name: str, status: str = "available") -> dict[str, Any]:
        def described():
            found = self.client_for_waits.describe_db_instances(DBInstanceIdentifier=name)
            instance = found["DBInstances"][0]
            assert instance["DBInstanceStatus"] != "failed", "see sandbox.log"
            return instance if instance["DBInstanceStatus"] == status else None

        return until(described, f"{name} to be {status}")

    def wait_gone(self, name: str) -> None:
        def gone():
            listed = self.client_for_waits.describe_db_instances()["DBInstances"]
            return all(i["DBInstanceIdentifier"] != name for i in listed)

        until(gone, f"{name} to be gone")

    def wait_snapshot(self, name: str, status: str = "available") -> dict[str, Any]:
        def described():
            found = self.client_for_waits.describe_db_snapshots(DBSnapshotIdentifier=name)
            return found["DBSnapshots"][0] if found["DBSnapshots"][0]["Status"] == status else None

        return until(described, f"snapshot {name} to be {status}")

    @property
    def client_for_waits(self):
        if not hasattr(self, "_client"):
            self._client = self.client("rds")
        return self._client

    def create(self, name: str, **parameters: Any) -> dict[str, Any]:
        wanted = {
            "DBInstanceClass": "db.t3.micro", "Engine": "postgres", "AllocatedStorage": 20,
            "MasterUsername": "master", "MasterUserPassword": PASSWORD, "DBName": "shop",
            "BackupRetentionPeriod": 0,
        } | parameters
        wanted = {k: v for k, v in wanted.items() if v is not None}
        self.client_for_waits.create_db_instance(DBInstanceIdentifier=name, **wanted)
        return self.wait(name)

    def sql(self, name: str, text: str) -> str:
        url = command("psql-url", "--dir", self.folder, "--instance", name)
        assert url.returncode == 0, url.stderr
        return psql(url.stdout.strip(), text)

    def down(self) -> None:
        stopped = command("down", "--dir", self.folder, seconds=DOWN_SECONDS_MAX)
        assert stopped.returncode == 0, stopped.stderr


def hold_against_model(operation_model, response_dict, **_: Any) -> None:
    body = response_dict["body"]
    assert "x-amzn-requestid" in {k.lower() for k in response_dict["headers"]}
    found = problems(operation_model, response_dict["status_code"], body)
    assert not found, f"{operation_model.name}: {found}\n{body!r}"


def psql(url: str, text: str) -> str:
    done = subprocess.run(["psql", url, "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", text],
                          capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})
    return done.stdout.strip() if done.returncode == 0 else "ERROR " + done.stderr.strip()
