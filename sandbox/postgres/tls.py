"""The sandbox's certificate authority, which stands for the bundle that RDS publishes."""

import ipaddress
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# Wide on both sides, so that certificates hold when a test moves the clock by years.
VALID_FROM = datetime(2015, 1, 1, tzinfo=timezone.utc)
VALID_FOR = timedelta(days=365 * 60)


def subject(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def pem_of_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


class Authority:
    """Signs server certificates; its own is `certificate_file`. The key is not stored."""

    def __init__(self, folder: Path):
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = subject("Sandbox RDS Root CA")
        self._certificate = (
            self._builder(name, name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.certificate_file = folder / "ca.crt"
        self.certificate_file.write_bytes(
            self._certificate.public_bytes(serialization.Encoding.PEM)
        )

    @staticmethod
    def _builder(name: x509.Name, issuer: x509.Name, public_key) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(VALID_FROM)
            .not_valid_after(VALID_FROM + VALID_FOR)
        )

    def issue(self, *addresses: str) -> tuple[bytes, bytes]:
        """(certificate, key) in PEM for a server that is reached at these addresses.

        They are also given as DNS names, because libpq before 15 compares only those.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName(a) for a in (*addresses, "localhost")]
        names += [x509.IPAddress(ipaddress.ip_address(a)) for a in {*addresses, "127.0.0.1"}]
        certificate = (
            self._builder(subject(addresses[0]), self._certificate.subject, key.public_key())
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM), pem_of_key(key)
