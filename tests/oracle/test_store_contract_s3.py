"""The promises of our S3 store (tests/contract) on two real servers, and boto3 as the witness."""

import json
import os
import subprocess
import urllib.request

import boto3
import pytest
from botocore.config import Config

import s3_servers

BUCKET = "contract"
SERVERS = {"moto": s3_servers.sandbox, "radosgw": s3_servers.radosgw}


@pytest.fixture(scope="module", params=SERVERS)
def server(request, tmp_path_factory):
    with SERVERS[request.param](tmp_path_factory.mktemp(request.param) / "server") as settings:
        boto(settings).create_bucket(Bucket=BUCKET)
        yield settings


def boto(settings):
    return boto3.client(
        "s3", endpoint_url=settings["S3_ENDPOINT"], region_name="us-east-1",
        aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"},
                      request_checksum_calculation="when_required"))


def run_contract(programs, settings, *options, bucket=BUCKET):
    keys = {name: settings[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    return subprocess.run(
        [programs.parent / "contract" / "store_contract_s3", settings["S3_ENDPOINT"], bucket,
         *options],
        env={"PATH": os.environ["PATH"]} | keys, capture_output=True, text=True, timeout=600)


def test_the_contract_holds(programs, server, request):
    # moto says of every upload that it began in 2010.
    wrong_dates = request.node.callspec.params["server"] == "moto"
    options = ["--gtest_filter=-*BeganLate*"] if wrong_dates else []
    done = run_contract(programs, server, *options)
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr[-2_000:]
    assert "ObjectStoreContract.CreateOnlyNeverOverwrites/S3" in done.stdout


def test_wrong_keys_are_refused(programs, server):
    wrong = server | {"AWS_SECRET_ACCESS_KEY": "wrong"}
    done = run_contract(programs, wrong, "--gtest_filter=*.GivesBackWhatWasPut/S3")
    assert done.returncode == 1, done.stdout
    assert "AccessDenied" in done.stdout or "SignatureDoesNotMatch" in done.stdout


# What a network and a service in trouble do, also after the work was done and only the answer is lost.
TROUBLE = ["503", "reset-after", "500", "close-after", "throttle", "reset", "truncate"]


# Only the sandbox can be told to fail.
@pytest.mark.parametrize("server", ["moto"], indirect=True)
def test_the_contract_holds_in_trouble(programs, server):
    faults = [{"action": f"^(GET|PUT|HEAD|DELETE|POST) /{BUCKET}/", "kind": kind, "code": "SlowDown",
               "skip": 5 + 9 * number}
              for number, kind in enumerate(TROUBLE * 10)]
    control = server["SANDBOX_URL"] + "/_sandbox/faults"
    urllib.request.urlopen(urllib.request.Request(
        control, json.dumps(faults).encode(), method="POST"), timeout=30).close()
    # One test writes the very bytes that are there already, which in trouble counts as our own work.
    done = run_contract(programs, server,
                        "--gtest_filter=*/Retried-*CreateOnlyNeverOverwrites*")
    with urllib.request.urlopen(control, timeout=30) as left:
        left = json.load(left)
    urllib.request.urlopen(urllib.request.Request(control, b"[]", method="POST"),
                           timeout=30).close()
    assert done.returncode == 0, done.stdout[-10_000:]
    assert len(faults) - len(left) > 50  # how many of them happen depends on the threads


def test_boto_finds_no_upload_left_behind(programs, server):
    assert run_contract(programs, server, "--gtest_filter=*Large*:*UploadInParts*").returncode == 0
    assert "Uploads" not in boto(server).list_multipart_uploads(Bucket=BUCKET)


def test_a_server_that_ignores_if_none_match_is_found_out(programs, server, request):
    """radosgw ignores it in buckets with versions, so a repository there could be overwritten."""
    boto(server).create_bucket(Bucket="versions")
    boto(server).put_bucket_versioning(Bucket="versions",
                                       VersioningConfiguration={"Status": "Enabled"})
    done = run_contract(programs, server, "--gtest_filter=*KeepsWhatARepositoryDependsOn",
                        bucket="versions")
    if request.node.callspec.params["server"] == "radosgw":
        assert done.returncode == 1
        assert "overwrote an object that was to be created only" in done.stdout
    else:
        assert done.returncode == 0, done.stdout
