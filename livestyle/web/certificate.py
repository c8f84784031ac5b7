"""Certificate: made here, so that phones lend their camera; browsers ask once whether to trust it."""

from __future__ import annotations

import datetime
import ipaddress
import os
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from livestyle.styles.store import home
from livestyle.web.guard import own_names
from livestyle.web.invite import own_address
from livestyle.whole import refusal_told, whole_file

DAYS = 365
"""More, and Safari does not take it."""

FRESH = os.O_WRONLY | os.O_CREAT | os.O_TRUNC

LEAST_DAYS = 7
"""With fewer left, a new one is made."""


def open_tls() -> ssl.SSLContext:
    """Return what encrypts the site, with a certificate that is kept in the user's folder.

    Raises:
        SinkUnavailable: it cannot be kept there.
    """
    path = home() / "web" / "certificate.pem"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with refusal_told(f"keep a certificate in {path.parent}"):
        if not is_good(path):
            write_privately(path, make_certificate())
        context.load_cert_chain(path)
    return context


def is_good(path: Path) -> bool:
    """Return whether the certificate at *path* is there, valid for a while, and for this address."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return False
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    left = certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    here = ipaddress.ip_address(own_address())
    return left.days >= LEAST_DAYS and here in names.get_values_for_type(x509.IPAddress)


def make_certificate() -> bytes:
    """Return a new key and a certificate signed by it, for this machine's names and addresses, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "livestyle")])
    addresses = {ipaddress.ip_address(text) for text in ("127.0.0.1", "::1", own_address())}
    names = [x509.DNSName(text) for text in sorted(own_names()) if text.isascii()]
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([*names, *map(x509.IPAddress, sorted(addresses, key=str))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*kinds) + certificate.public_bytes(serialization.Encoding.PEM)


def write_privately(path: Path, data: bytes) -> None:
    """Write *data* to *path*, whole or not at all, for nobody else to read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as partial, os.fdopen(os.open(partial, FRESH, 0o600), "wb") as file:
        file.write(data)
