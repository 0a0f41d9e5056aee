"""Certificates: an authority of one's own, and what it signs. P-256 keys, X.509 as RFC 5280 has it."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

A_DAY = datetime.timedelta(days=1)
BACKDATED = A_DAY
"""A Raspberry Pi has no clock that runs on without power: after its start it may be a while behind."""

OF_AN_AUTHORITY = 3650 * A_DAY
OF_A_CERTIFICATE = 730 * A_DAY
A_MONTH = 30 * A_DAY
"""So long before the end it is time for a new one."""

LONGEST_NAME = 64  # characters of a common name (RFC 5280, appendix A.1: ub-common-name)


@dataclass(frozen=True)
class Identity:
    """A certificate and its key, in PEM."""

    cert: bytes
    key: bytes

    @property
    def certificate(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.cert)


class Authority:
    """Signs certificates; whoever trusts it trusts them. Who has its key can make more of them."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self._certificate = identity.certificate
        key = serialization.load_pem_private_key(identity.key, password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key

    @classmethod
    def new(cls, name: str) -> Authority:
        """An authority that signs itself."""
        key, subject = ec.generate_private_key(ec.SECP256R1()), _name(name)
        builder = _builder(subject, subject, key.public_key(), now() + OF_AN_AUTHORITY)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(signs=True), critical=True)
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False)
        return cls(Identity(_pem(builder.sign(key, hashes.SHA256())), _key_pem(key)))

    @property
    def end(self) -> datetime.datetime:
        """When it is trusted no longer."""
        return self._certificate.not_valid_after_utc

    def for_broker(self, hosts: list[str]) -> Identity:
        """What the broker shows to whoever connects to it by one of these names or addresses."""
        names = x509.SubjectAlternativeName([_host(host) for host in hosts])
        return self._issue(hosts[0][:LONGEST_NAME], ExtendedKeyUsageOID.SERVER_AUTH, names)

    def for_user(self, user: str) -> Identity:
        """What one of the broker's users shows to it: the common name is the user's."""
        return self._issue(user, ExtendedKeyUsageOID.CLIENT_AUTH)

    def revoke(self, serials: list[int]) -> bytes:
        """The list of certificates that are trusted no longer, in PEM. It holds as long as the authority."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self._certificate.subject)
        builder = builder.last_update(now() - BACKDATED).next_update(self.end)
        for serial in serials:
            revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now() - BACKDATED)
            builder = builder.add_revoked_certificate(revoked.build())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(issuer, critical=False)
        builder = builder.add_extension(x509.CRLNumber(len(serials) + 1), critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def _issue(self, name: str, purpose: x509.ObjectIdentifier, *more: x509.ExtensionType) -> Identity:
        key = ec.generate_private_key(ec.SECP256R1())
        end = min(now() + OF_A_CERTIFICATE, self.end)
        builder = _builder(_name(name), self._certificate.subject, key.public_key(), end)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        builder = builder.add_extension(issuer, critical=False)
        for extension in more:
            builder = builder.add_extension(extension, critical=False)
        return Identity(_pem(builder.sign(self._key, hashes.SHA256())), _key_pem(key))


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def hosts_of(certificate: x509.Certificate) -> list[str]:
    """The names and addresses that it is made out to."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in names]


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, end: datetime.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - BACKDATED)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
