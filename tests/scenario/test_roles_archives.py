"""Every verb of archives in a bucket runs under exactly its printed role, with the bucket's own policy
on; and an attacker with the application's keys destroys no version of a file."""

import json
from urllib.parse import quote, urlsplit

import pytest
from roles import (ACCOUNT, ENFORCED, FILES, REPOSITORY, Principal, holder_of,
                   make_bucket, printed)
from s3_attack import attack, history, old_application_policy
from story import World, command, psql

from sandbox_driver import PASSWORD

CONFIG = """thin = false
[repository]
url = "s3://{bucket}/repo"
key_file = "{folder}/repository.key"
grace = "1d"
policy = "archives"
[source.orders]
[source.orders.database]
password_file = "{folder}/password"
ca_bundle = "{ca}"
[policy.default]
schedule = "daily"
[policy.archives]
schedule = "weekly"
keep = {{ last = 1 }}
keep_min = 1
"""
WIDE = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archives")
    made = World(folder / "w", "--delay", "0", *ENFORCED)
    made.create("orders", DBName="shop")
    (folder / "password").touch(mode=0o600)
    (folder / "password").write_text(PASSWORD + "\n")
    made.config.write_text(CONFIG.format(bucket=REPOSITORY, folder=folder,
                                         ca=made.environment["SANDBOX_CA"]))
    url = command("psql-url", "--dir", made.folder, "--instance", "orders").stdout.strip()
    made.place = url
    psql(url, "create table t as select n, md5(n::text) from generate_series(1, 1000) n")
    s3 = made.client("s3")
    s3.create_bucket(Bucket=REPOSITORY,
                     CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket=REPOSITORY, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_policy(Bucket=REPOSITORY, Policy=json.dumps(printed(made, "repo-bucket")))
    yield made
    made.down()


def fresh(world, database: str) -> str:
    psql(world.place, f'create database "{database}"')
    return urlsplit(world.place)._replace(path="/" + quote(database)).geturl()


def test_the_life_of_a_repository_by_one_role_each(world, tmp_path):
    keeper = holder_of(world, "repo-keeper")
    archiver = holder_of(world, "repo-writer", "snapshotter")
    writer, reader, pruner = (holder_of(world, f"repo-{one}")
                              for one in ("writer", "reader", "pruner"))
    keeper.does("repo", "init")
    first = archiver.does("archive", "orders")["archive"]
    psql(world.place, "insert into t select n, 'x' from generate_series(1, 100) n")
    second = archiver.does("archive", "orders")["archive"]
    writer.does("hold", first, "--reason", "audit")
    listed = reader.does("archives")["archives"]
    assert {one["archive"] for one in listed} == {first, second}
    assert reader.does("check")["sound"] is True
    assert reader.does("verify")["sound"] is True
    reader.does("repo", "stats")
    reader.does("restore", first, "--to", fresh(world, "again"))
    reader.does("download", second, "-o", str(tmp_path / "download"))
    pruner.does("release", first)
    assert pruner.does("archives", "prune", "--yes")["report"]
    writer.does("repair")
    sheet = world.tidemark("key", "recovery-sheet", **keeper.variables)
    assert sheet.code == 0, sheet
    assert len(keeper.does("key", "list")["keys"]) == 2
    sheets = [one["key"] for one in keeper.does("key", "list")["keys"] if one["kind"] != "key file"]
    keeper.does("key", "remove", *sheets, "--yes")
    refused = world.tidemark("archives", "forget", first, "--yes", **writer.variables)
    assert refused.code == 15, refused
    keeper.does("key", "rekey", "--new-key-file", str(tmp_path / "new.key"), "--yes")
    # Objects of the repository: the writer made them, and nobody overwrote or destroyed one.
    versions = history(world.client("s3"), REPOSITORY)
    keys = [key for key, _ in versions]
    assert len(keys) == len(set(keys))


def test_the_bucket_refuses_to_be_overwritten_by_anybody(world):
    s3 = world.client("s3")
    s3.put_object(Bucket=REPOSITORY, Key="once", Body=b"1", IfNoneMatch="*")
    for more in ({}, {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "x" * 32}):
        with pytest.raises(s3.exceptions.ClientError, match="explicit deny"):
            s3.put_object(Bucket=REPOSITORY, Key="twice", Body=b"2", **more)
    upload = s3.create_multipart_upload(Bucket=REPOSITORY, Key="parts")["UploadId"]
    part = s3.upload_part(Bucket=REPOSITORY, Key="parts", UploadId=upload, PartNumber=1, Body=b"3")
    done = {"Bucket": REPOSITORY, "Key": "parts", "UploadId": upload,
            "MultipartUpload": {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}}
    with pytest.raises(s3.exceptions.ClientError, match="explicit deny"):
        s3.complete_multipart_upload(**done)
    s3.complete_multipart_upload(**done, IfNoneMatch="*")


def test_the_restorer_of_files_goes_back_and_forth_and_destroys_nothing(world):
    bucket = "files-to-restore"
    s3 = holder_of_bucket(world, "files-restorer", bucket).client("s3")
    first = make_bucket(world, bucket)
    before = history(world.client("s3"), bucket)
    listed = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert first in {one["VersionId"] for one in listed}
    source = {"Bucket": bucket, "Key": "a key", "VersionId": first}
    assert s3.head_object(**source)["ContentLength"] == 5
    s3.get_object_tagging(**source)
    s3.copy_object(Bucket=bucket, Key="a key", CopySource=source, TaggingDirective="REPLACE",
                   Tagging="a=b")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="large")["UploadId"]
    s3.upload_part_copy(Bucket=bucket, Key="large", UploadId=upload, PartNumber=1,
                        CopySource=source)
    s3.abort_multipart_upload(Bucket=bucket, Key="large", UploadId=upload)
    s3.delete_object(Bucket=bucket, Key="a key")
    s3.put_object(Bucket=bucket, Key="cold", Body=b"", StorageClass="GLACIER")
    s3.restore_object(Bucket=bucket, Key="cold", RestoreRequest={"Days": 1})
    assert before.items() <= history(world.client("s3"), bucket).items()


def holder_of_bucket(world, role: str, bucket: str, *more) -> Principal:
    policy = json.loads(json.dumps(printed(world, role)).replace(FILES, bucket))
    return Principal(world, f"{role}-{bucket}", policy, *more)


def attacked(world, bucket: str, principal: Principal) -> tuple[dict, dict, dict]:
    """History and settings before and after, and what came of each call."""
    s3 = world.client("s3")
    before = settings(s3, bucket) | {"history": history(s3, bucket)}
    calls = attack(principal.client("s3"), bucket, ACCOUNT, before["history"])
    return before, settings(s3, bucket) | {"history": history(s3, bucket)}, calls


def settings(s3, bucket: str) -> dict:
    def of(method, member):
        try:
            return getattr(s3, method)(Bucket=bucket)[member]
        except s3.exceptions.ClientError as error:
            return error.response["Error"]["Code"]

    return {"versioning": of("get_bucket_versioning", "Status"),
            "lifecycle": of("get_bucket_lifecycle_configuration", "Rules"),
            "policy": of("get_bucket_policy", "Policy"),
            "lock": of("get_object_lock_configuration", "ObjectLockConfiguration"),
            "replication": of("get_bucket_replication", "ReplicationConfiguration"),
            "block": of("get_public_access_block", "PublicAccessBlockConfiguration")}


# The last two: a wider policy beside ours, and the policy of the bucket alone against it.
@pytest.mark.parametrize("guard", ["printed", "beside-a-wide-one", "of-the-bucket-alone"])
def test_an_attacker_with_the_applications_keys_destroys_no_version(world, guard):
    bucket = f"attacked-{guard}"
    if guard == "of-the-bucket-alone":
        principal = Principal(world, bucket, WIDE)
        policy = json.loads(json.dumps(printed(world, "files-bucket")).replace(FILES, bucket))
        make_bucket(world, bucket, policy)
    else:
        more = [WIDE] if guard == "beside-a-wide-one" else []
        principal = holder_of_bucket(world, "app-user", bucket, *more)
        make_bucket(world, bucket)
    before, after, calls = attacked(world, bucket, principal)
    sent = {name.partition(" ")[0] for name, came in calls.items() if "not sent" not in came}
    every = set(world.client("s3").meta.service_model.operation_names)
    assert every - sent == {"WriteGetObjectResponse"}  # which goes to a host of its own
    assert before.pop("history").items() <= after.pop("history").items()
    assert before == after
    assert "done" in set(calls.values())  # it may work: what it wrote is above what was there


def test_the_same_attacker_destroys_history_under_the_earlier_policy(world):
    """So the attack is one, and the test before shows something."""
    bucket = "attacked-before"
    principal = Principal(world, bucket, old_application_policy())
    make_bucket(world, bucket)
    before, after, _ = attacked(world, bucket, principal)
    assert not before["history"].items() <= after["history"].items()
    assert before["lifecycle"] != after["lifecycle"]
