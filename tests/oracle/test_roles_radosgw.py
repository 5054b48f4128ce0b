"""The roles of S3 under an evaluator that is not the project's own: Ceph's radosgw enforces them.

It shows what nothing allows. Not what a Deny adds: this radosgw takes no notice of NotAction, and
the owner of a bucket, or who holds a role of his, may do there whatever is not denied by name.
"""

import json
import os
import pathlib
import subprocess
import sys

import boto3
import pytest
from botocore.config import Config

import s3_servers

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/scenario"))

from s3_attack import KEY, attack, history, old_application_policy  # noqa: E402

TIDEMARK = pathlib.Path(os.environ.get("TIDEMARK_BINARY", ROOT / "build/release/tidemark"))
CONFIG = '[repository]\nurl = "s3://archives/repo"\nkey_file = "unused"\n'
# Actions of AWS that this radosgw refuses to read in a policy.
UNKNOWN_HERE = {"s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("radosgw") / "server"
    with s3_servers.radosgw(folder) as settings:
        settings |= {"folder": folder}
        admin(settings, "caps", "add", "--uid=backup", "--caps=user-policy=*")
        yield settings


def client(service, settings, **keys):
    options = {"signature_version": "s3v4", "s3": {"addressing_style": "path"}} \
        if service == "s3" else {}
    keys = keys or {"aws_access_key_id": settings["AWS_ACCESS_KEY_ID"],
                    "aws_secret_access_key": settings["AWS_SECRET_ACCESS_KEY"]}
    return boto3.client(service, endpoint_url=settings["S3_ENDPOINT"], region_name="us-east-1",
                        **keys, config=Config(
                            retries={"total_max_attempts": 1}, parameter_validation=False,
                            request_checksum_calculation="when_required", **options))


def printed(folder, role, bucket):
    config = folder.parent / "tidemark.toml"
    config.write_text(CONFIG.replace("archives", bucket))
    ran = subprocess.run(
        [TIDEMARK, "iam", role, "--config", config, "--region", "us-east-1", "--account",
         "123456789012", "--files-bucket", bucket], capture_output=True, text=True, env={})
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def admin(server, *words):
    done = subprocess.run(["radosgw-admin", "-c", server["folder"] / "ceph.conf", *words],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def holder(server, name, policy):
    """An S3 client of a user who owns nothing and has this policy."""
    for statement in policy["Statement"]:
        for member in {"Action", "NotAction"} & statement.keys():
            listed = statement[member]
            listed = [listed] if isinstance(listed, str) else listed
            statement[member] = [one for one in listed if one not in UNKNOWN_HERE]
    keys = {"aws_access_key_id": f"KEY{name}", "aws_secret_access_key": f"SECRET{name}"}
    admin(server, "user", "create", f"--uid={name}", f"--display-name={name}",
          f"--access-key=KEY{name}", f"--secret-key=SECRET{name}")
    client("iam", server).put_user_policy(UserName=name, PolicyName="p",
                                          PolicyDocument=json.dumps(policy))
    return client("s3", server, **keys)


def make_bucket(server, bucket):
    s3 = client("s3", server)
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"first", b"second"):
        s3.put_object(Bucket=bucket, Key=KEY, Body=body)
    return history(s3, bucket)


@pytest.mark.parametrize("role", ["app-user", "files-restorer", "repo-pruner"])
def test_no_role_destroys_a_version(server, role):
    bucket = f"of-{role}"
    before = make_bucket(server, bucket)
    calls = attack(holder(server, role, printed(server["folder"], role, bucket)), bucket,
                   "123456789012", before, rounds=1)
    s3 = client("s3", server)
    assert before.items() <= history(s3, bucket).items()
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert "done" in calls.values()


def test_the_same_attacker_destroys_history_under_the_earlier_policy(server):
    before = make_bucket(server, "of-before")
    attack(holder(server, "before", old_application_policy()), "of-before", "123456789012", before,
           rounds=1)
    assert not before.items() <= history(client("s3", server), "of-before").items()
