"""A private AWS for tests: RDS whose PostgreSQL instances are real servers, beside S3, STS,
IAM and KMS.

Everything listens on loopback only and lives in one folder. See README.md for the interface.
"""

ACCOUNT_ID = "123456789012"
REGION = "eu-west-1"
