"""Trust: whom we trust, and who we are, where nobody may listen (TLS)."""

from __future__ import annotations

import os
import ssl
import stat
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from nightlight.notices import Problem

LONGEST_LINE = 1_000  # characters of a password or a user's name


class BadCredentials(ValueError):
    """A file that cannot prove what it should; the text says why, and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} {remedy}")
        self.problem = Problem(what, remedy)


@dataclass(frozen=True)
class Trust:
    """What goes into a connection over TLS, as files in PEM. None of them is needed for a broker that all trust."""

    ca: Path | None = None
    """Authorities to trust, beside those that the system trusts."""
    cert: Path | None = None
    key: Path | None = None
    """Who we are, for a broker that asks. `key` may be in the same file as `cert`."""

    def context(self) -> ssl.SSLContext:
        """TLS 1.2 or newer, with a broker whose certificate is valid and made out to its name. There is no way round.

        The files are read each time, so that renewed ones are taken up. BadCredentials if one of them will not do.
        """
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.sslsocket_class = _Socket
        if self.ca:
            try:
                context.load_verify_locations(self.ca)
            except ssl.SSLError:
                raise BadCredentials(
                    f"There is no certificate in {self.ca}.", "Name the authority's certificate (not a key), in PEM."
                ) from None
            except OSError as error:
                _cannot_read(self.ca, error)
        if self.cert:
            self._load_our_own(context, self.cert)
        return context

    def _load_our_own(self, context: ssl.SSLContext, cert: Path) -> None:
        key = self.key or cert
        for file in (cert, key):
            try:
                file.open("rb").close()
            except OSError as error:
                _cannot_read(file, error)
        if others_can_read(key):
            raise BadCredentials(f"Others can read the key in {key}.", f"Run: chmod 600 {key}")
        try:
            context.load_cert_chain(cert, key, password=_ask_nobody)
        except ssl.SSLError as error:
            if error.reason == "KEY_VALUES_MISMATCH":
                what, remedy = f"The key in {key} does not belong to the certificate in {cert}.", "Take its own."
            else:
                what, remedy = f"{cert} and {key} are no certificate and its key.", "Both have to be in PEM."
            raise BadCredentials(what, remedy) from None


class _Socket(ssl.SSLSocket):
    """Closes itself when the handshake fails. paho-mqtt would leave that to Python's collector."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


@dataclass(frozen=True)
class Credentials:
    """All that one party shows to the broker, and trusts."""

    trust: Trust = Trust()
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def in_folder(cls, folder: Path) -> Credentials:
        """What `run.py lock` has put into a folder: `ca.pem`, `user`, and `password`, `cert.pem`, `key.pem`.

        BadCredentials if there is something amiss.
        """
        if not (folder / "ca.pem").exists():
            there = "there is no ca.pem in it" if folder.is_dir() else "it is not there"
            raise BadCredentials(f"{folder} is no folder that run.py lock has made: {there}.", "Is the path right?")
        own = {name: folder / f"{name}.pem" for name in ("cert", "key") if (folder / f"{name}.pem").exists()}
        password = folder / "password"
        return cls(
            Trust(folder / "ca.pem", **own),
            first_line(folder / "user"),
            read_secret(password) if password.exists() else None,
        )


def read_secret(file: Path) -> str:
    """A password: the first line of a file that its owner alone can read. BadCredentials if it is no secret."""
    secret = first_line(file)
    is_systemd_s = os.environ.get("CREDENTIALS_DIRECTORY") == str(file.parent)  # in a folder for the service alone
    if others_can_read(file) and not is_systemd_s:
        raise BadCredentials(f"Others can read {file}.", f"Run: chmod 600 {file}")
    return secret


def first_line(file: Path) -> str:
    """Of a small file of text. BadCredentials if there is none."""
    try:
        with file.open(encoding="utf-8") as opened:
            line = opened.readline(LONGEST_LINE + 2).rstrip("\r\n")
    except OSError as error:
        _cannot_read(file, error)
    except UnicodeError:
        raise BadCredentials(f"{file} is no text.", "Is it the right file?") from None
    if not line.strip():
        raise BadCredentials(f"The first line of {file} is empty.", "Write it there.")
    if len(line) > LONGEST_LINE:
        what = f"The first line of {file} has more than {LONGEST_LINE:,} characters."
        raise BadCredentials(what, "Is it the right file?")
    return line


def others_can_read(file: Path) -> bool:
    """Whether its owner is not the only one; on Windows that is for its folder to say."""
    return sys.platform != "win32" and bool(file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _cannot_read(file: Path, error: OSError) -> NoReturn:
    raise BadCredentials(f"{file} cannot be read: {error.strerror or error}.", "Is the path right?") from None


def _ask_nobody() -> str:
    """For a key with a passphrase: who would type it when the device starts at night?"""
    return ""
