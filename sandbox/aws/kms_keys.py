"""Whether a key of KMS can be used; moto keeps the keys. One that it does not know is taken to be
another account's, and usable.
"""

from sandbox import ACCOUNT_ID
from sandbox.aws.messages import ServiceError


def check_key(region: str, key: str | None) -> None:
    if not key:
        return
    # Imported at the first use, because it takes a while to load and few tests encrypt.
    from moto.kms.models import kms_backends

    backend = kms_backends[ACCOUNT_ID][region]
    known = backend.keys.get(key.rpartition("/")[2])
    if known is not None and known.key_state != "Enabled":
        raise inaccessible(key)


def inaccessible(key: str) -> ServiceError:
    return ServiceError(
        "KMSKeyNotAccessibleFault",
        f"The specified KMS key [{key}] does not exist, is not enabled or you do not have "
        "permissions to access it.")
