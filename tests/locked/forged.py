"""Certificates that are not what they should be."""

from __future__ import annotations

import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from broker.certificates import A_DAY, Authority, Identity, now


def authority_in(folder: Path) -> Authority:
    """The one that `run.py lock` has made there."""
    return Authority(
        Identity((folder / "authority/cert.pem").read_bytes(), (folder / "authority/key.pem").read_bytes())
    )


def namesake(authority: Authority) -> Authority:
    """Another one, which calls itself the same."""
    subject = authority.identity.certificate.subject
    return Authority.new(str(subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value))


def expired(authority: Authority, identity: Identity) -> Identity:
    return _dated(authority, identity, now() - 20 * A_DAY, now() - A_DAY)


def not_yet_valid(authority: Authority, identity: Identity) -> Identity:
    return _dated(authority, identity, now() + A_DAY, now() + 20 * A_DAY)


def put(identity: Identity, folder: Path) -> dict[str, Path]:
    """Write it into this folder; `cert` and `key`, as files."""
    folder.mkdir()
    files = {"cert": folder / "cert.pem", "key": folder / "key.pem"}
    files["cert"].write_bytes(identity.cert)
    files["key"].write_bytes(identity.key)
    files["key"].chmod(0o600)
    return files


def _dated(authority: Authority, identity: Identity, begin: datetime.datetime, end: datetime.datetime) -> Identity:
    """The same certificate for another time, signed by the authority as if it had done so then."""
    like = identity.certificate
    builder = x509.CertificateBuilder(
        like.issuer, like.subject, like.public_key(), like.serial_number, begin, end, list(like.extensions)
    )
    key = serialization.load_pem_private_key(authority.identity.key, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Identity(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM), identity.key)
