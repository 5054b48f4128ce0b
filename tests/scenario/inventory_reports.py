"""Reports of S3 Inventory, as AWS's user guide describes them: moto makes none. Written from what boto3
lists, in an order of their own, in several data files."""

import csv
import gzip
import hashlib
import io
import json
import random
from datetime import datetime
from urllib.parse import quote_plus

SCHEMA = ("Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, "
          "StorageClass, IsMultipartUploaded, ReplicationStatus")


def rows_of(s3, bucket: str) -> list[list[str]]:
    """The latest of a key is its newest: moto's own word on it does not hold for markers."""
    listed = []
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        listed += [(one, False) for one in page.get("Versions", [])]
        listed += [(one, True) for one in page.get("DeleteMarkers", [])]
    newest: dict[str, datetime] = {}
    for one, _ in listed:
        newest[one["Key"]] = max(one["LastModified"], newest.get(one["Key"], one["LastModified"]))
    rows = []
    for one, is_marker in listed:
        latest = one["LastModified"] == newest[one["Key"]]
        of_object = ["", "", "", ""] if is_marker else [
            str(one["Size"]), one["ETag"].strip('"'), one["StorageClass"], "false"]
        rows.append([bucket, quote_plus(one["Key"]), one["VersionId"], str(latest).lower(),
                     str(is_marker).lower(), of_object[0],
                     one["LastModified"].strftime("%Y-%m-%dT%H:%M:%S.000Z"), *of_object[1:], ""])
    return rows


def write_report(s3, bucket: str, to: str, folder: str, began: datetime, *, form: str = "CSV",
                 files: int = 3, rows: list[list[str]] | None = None) -> None:
    """folder: "inventory/shop-files/daily/"; began: when the scan of the bucket did."""
    rows = rows_of(s3, bucket) if rows is None else rows
    random.Random(7).shuffle(rows)
    described = []
    for number in range(files):
        text = io.StringIO()
        csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows[number::files])
        packed = gzip.compress(text.getvalue().encode())
        key = f"{folder}data/{began:%Y%m%d%H%M}-{number}.csv.gz"
        s3.put_object(Bucket=to, Key=key, Body=packed)
        described.append({"key": key, "size": len(packed),
                          "MD5checksum": hashlib.md5(packed).hexdigest()})
    manifest = json.dumps({
        "sourceBucket": bucket, "destinationBucket": f"arn:aws:s3:::{to}", "version": "2016-11-30",
        "creationTimestamp": str(int(began.timestamp() * 1000)), "fileFormat": form,
        "fileSchema": SCHEMA, "files": described}, indent=2).encode()
    at = f"{folder}{began:%Y-%m-%dT%H-%MZ}/"
    s3.put_object(Bucket=to, Key=at + "manifest.json", Body=manifest)
    s3.put_object(Bucket=to, Key=at + "manifest.checksum",
                  Body=hashlib.md5(manifest).hexdigest().encode())
