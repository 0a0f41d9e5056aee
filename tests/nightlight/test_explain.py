"""What is wrong with a connection, in words; what needs a broker is in test_link.py."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from nightlight import explain
from nightlight.address import BrokerAddress

REFUSED = ConnectionRefusedError(111, "Connection refused")


@pytest.mark.parametrize("host", ["192.168.1.20", "laptop.local", "laptop"])
def test_a_refusal_elsewhere_names_the_commonest_causes(host: str) -> None:
    problem = explain.failure(REFUSED, BrokerAddress(host, 1883))
    assert "not for its own machine alone, as Mosquitto does" in problem.remedy
    assert "firewall" in problem.remedy


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_a_refusal_here_does_not(host: str) -> None:
    assert explain.failure(REFUSED, BrokerAddress(host, 1883)).remedy.startswith("Is it running? (mosquitto -c")


def plain_authority(folder: Path) -> tuple[Path, Path]:
    """An authority as many make it by hand, without key usage, and the key and certificate that it gives localhost."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def issue(name: str, is_authority: bool, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        )
        return builder.sign(authority_key, hashes.SHA256())

    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority, server = folder / "authority.pem", folder / "server.pem"
    authority.write_bytes(issue("authority", True, authority_key).public_bytes(Encoding.PEM))
    server.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + issue("localhost", False, key).public_bytes(Encoding.PEM)
    )
    return authority, server


def test_a_certificate_that_is_too_plain_for_python_3_13(tmp_path: Path) -> None:
    """There VERIFY_X509_STRICT is the default; here it is asked for, so that every Python shows it."""
    authority, server = plain_authority(tmp_path)
    listening = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    listening.load_cert_chain(server)
    strict = ssl.create_default_context(cafile=str(authority))
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    with socket.create_server(("127.0.0.1", 0)) as port:

        def serve() -> None:
            connection, _ = port.accept()
            with connection, pytest.raises(ssl.SSLError):
                listening.wrap_socket(connection, server_side=True)

        thread = threading.Thread(target=serve)
        thread.start()
        with (
            socket.create_connection(port.getsockname()) as connection,
            pytest.raises(ssl.SSLCertVerificationError) as error,
        ):
            strict.wrap_socket(connection, server_hostname="localhost")
        thread.join()
    problem = explain.failure(error.value, BrokerAddress("localhost", 8883, tls=True))
    assert "made without something that Python asks for" in problem.remedy
    assert "keyUsage=critical,keyCertSign" in problem.remedy
