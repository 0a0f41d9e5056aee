"""Whom we trust, and who we are: the files that say so, and what is said of bad ones."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from broker.certificates import Authority
from nightlight.trust import BadCredentials, Credentials, Trust, read_secret


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.new("Ours")


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Write a file, of mode 600 if nothing else is said."""

    def put(name: str, content: str | bytes, mode: int = 0o600) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        file.chmod(mode)
        return file

    return put


Put = Callable[..., Path]


def test_no_option_switches_verification_off(authority: Authority, put: Put) -> None:
    ours = authority.for_user("ada")
    files = put("ca.pem", authority.identity.cert), put("cert.pem", ours.cert), put("key.pem", ours.key)
    for context in (Trust().context(), Trust(*files).context()):
        assert context.verify_mode == ssl.CERT_REQUIRED
        assert context.check_hostname
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_our_authority_is_trusted_beside_the_system_s(authority: Authority, put: Put) -> None:
    put("system.pem", Authority.new("The system's").identity.cert)
    context = Trust(put("ca.pem", authority.identity.cert)).context()
    names = [str(each["subject"]) for each in context.get_ca_certs()]
    assert any("Ours" in name for name in names)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda a, put: Trust(Path("/nowhere.pem")), "/nowhere.pem cannot be read: No such file"),
        (lambda a, put: Trust(put("ca.pem", "no certificate")), "There is no certificate in"),
        (lambda a, put: Trust(put("ca.pem", a.identity.key)), "There is no certificate in"),
        (lambda a, put: Trust(cert=Path("/nowhere.pem")), "/nowhere.pem cannot be read"),
        (
            lambda a, put: Trust(cert=put("cert.pem", a.for_user("a").cert), key=put("key.pem", a.for_user("b").key)),
            "does not belong to the certificate in",
        ),
        (
            lambda a, put: Trust(cert=put("cert.pem", a.for_user("a").cert), key=put("key.pem", "no key")),
            "are no certificate and its key",
        ),
        (
            lambda a, put: Trust(cert=put("cert.pem", a.for_user("a").cert), key=put("key.pem", b"x", mode=0o640)),
            "Others can read the key in",
        ),
    ],
    ids=["no file", "no certificate", "a key", "no certificate file", "another's key", "no key", "no secret"],
)
def test_files_that_will_not_do(
    authority: Authority, put: Put, make: Callable[[Authority, Put], Trust], says: str
) -> None:
    with pytest.raises(BadCredentials, match=says):
        make(authority, put).context()


def test_a_key_with_a_passphrase_asks_nobody(authority: Authority, put: Put) -> None:
    ours = authority.for_user("ada")
    key = serialization.load_pem_private_key(ours.key, None)
    locked = serialization.BestAvailableEncryption(b"open sesame")
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked
    with pytest.raises(BadCredentials, match="are no certificate and its key"):
        Trust(cert=put("cert.pem", ours.cert), key=put("key.pem", key.private_bytes(*form))).context()


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o644])
def test_a_password_that_others_can_read_is_none(put: Put, mode: int) -> None:
    with pytest.raises(BadCredentials, match=r"Others can read .*chmod 600"):
        read_secret(put("password", "s3cret\n", mode))


def test_a_password_is_its_first_line_and_shows_nowhere(put: Put) -> None:
    file = put("password", "s3cret with blanks \nsecond")
    assert read_secret(file) == "s3cret with blanks "
    assert "s3cret" not in repr(Credentials(user="ada", password=read_secret(file)))


def test_a_folder_of_another_kind(tmp_path: Path) -> None:
    with pytest.raises(BadCredentials, match=r"there is no ca\.pem in it"):
        Credentials.in_folder(tmp_path)
    with pytest.raises(BadCredentials, match="it is not there"):
        Credentials.in_folder(tmp_path / "nowhere")
