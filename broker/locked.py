"""Locked: the folder of a locked broker, and how it changes."""

from __future__ import annotations

import datetime
import ipaddress
import json
import os
import re
import secrets
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from broker import mosquitto, parties
from broker.certificates import OF_A_CERTIFICATE, Authority, Identity, hosts_of, now
from broker.folder import changed, put
from broker.parties import Party
from nightlight.address import is_host
from nightlight.settings import check_id

STATE, PASSWORDS = "lock.json", "broker/passwords"
DEFAULT_PORT = 8883  # as registered with IANA for MQTT over TLS
LONGEST_FOLDER_NAME = 200  # bytes
FEWEST_CONNECTIONS = 1000
"""A program that is started in a terminal, or by systemd, may have 1,024 open files, if nobody has changed that."""

TO_OTHERS = ("192.0.2.1", 9)  # an address that is nobody's (RFC 5737); nothing is sent there


class CannotLock(Exception):
    """What was asked for cannot be; the text says why, and nothing has changed."""


class Locked:
    """A locked broker and the parties that it knows, in a folder.

        with Locked.changed(Path("locked"), hosts=["laptop.local"]) as locked:
            locked.add_device("kitchen")

    What happens in the block happens at its end, all at once. CannotLock says what cannot be.
    """

    def __init__(self, folder: Path, home: Path) -> None:
        """`folder` is where it is being changed, `home` where it will be."""
        self._folder = folder
        self.home = home
        self.is_new = not (folder / STATE).exists()
        self.port = DEFAULT_PORT
        self.by_certificate = False
        self.devices: list[str] = []
        self.servers = [parties.FIRST_SERVER]
        self.share = f"share-{secrets.token_hex(8)}"
        """What several servers have in common, --share: nobody else can guess it, and take readings away from them."""
        self._serials: dict[str, list[int]] = {}  # of the certificates that each user was given
        self._revoked: list[int] = []
        self._passwords: dict[str, str] = {}  # hashed, by user
        if not self.is_new:
            self._remember()

    def _remember(self) -> None:
        """What was the last time. ValueError, KeyError or TypeError if that is damaged."""
        state = json.loads((self._folder / STATE).read_text(encoding="utf-8"))
        self.port, self.by_certificate, self.devices = state["port"], state["by_certificate"], state["devices"]
        self._serials, self._revoked = state["serials"], state["revoked"]
        self.servers = state.get("servers", self.servers)  # which older ones do not know
        self.share = state.get("share", self.share)
        self._authority = Authority(self._identity("authority"))
        if not self.by_certificate:
            lines = (self._folder / PASSWORDS).read_text().splitlines()
            self._passwords = dict(line.split(":", 1) for line in lines)
            if not all(party.user in self._passwords for party in self.parties):
                raise ValueError("a password is lost")

    @classmethod
    def read(cls, folder: Path) -> Locked:
        """As it is, only to be looked at."""
        with _explained(folder):
            check_folder(folder)
            if not (folder / STATE).exists():
                raise CannotLock(f"There is no {folder} yet. Make it without --check first.")
            return cls(folder, folder)

    @classmethod
    @contextmanager
    def changed(cls, home: Path, hosts: list[str], by_certificate: bool = False) -> Iterator[Locked]:
        """To be changed; made first, if it is not there. `hosts` are for the broker's new certificate, then."""
        home = home.absolute()
        with _explained(home):
            check_folder(home)
            with changed(home) as folder:
                locked = cls(folder, home)
                if locked.is_new:
                    locked._begin(hosts, by_certificate)
                yield locked
                locked._write()

    # ---- what is in it ----

    @property
    def hosts(self) -> list[str]:
        """The names and addresses by which the broker is reached."""
        return hosts_of(self._identity("broker").certificate)

    @property
    def parties(self) -> list[Party]:
        """All that the broker knows, but the devices' check-ups."""
        devices = self.devices
        servers = [parties.server(name, devices) for name in self.servers]
        return [*servers, parties.page(devices), *map(parties.device, devices)]

    @property
    def most_connections(self) -> int:
        """So many are let in at a time: there is room for as many strangers, who say nothing, as for us."""
        return max(FEWEST_CONNECTIONS, 2 * len(self.parties))

    def ends(self) -> dict[str, datetime.datetime]:
        """When each certificate ends that is still here, by its folder."""
        certs = sorted(self._folder.rglob("cert.pem"))
        return {
            str(cert.parent.relative_to(self._folder)): self._identity(cert.parent).certificate.not_valid_after_utc
            for cert in certs
        }

    # ---- changes ----

    def add_hosts(self, hosts: list[str]) -> bool:
        """Let the broker be reached by these as well; whether there was a new one among them."""
        known = self.hosts
        new = [host for host in dict.fromkeys(map(check_host, hosts)) if host not in known]
        if new:
            self._put_identity("broker", self._authority.for_broker([*known, *new]))
        return bool(new)

    def add_device(self, id: str) -> bool:
        """Let this device in; whether it is new."""
        check_device(id)
        if id in self.devices:
            return False
        self._let_in(parties.device(id))
        self.devices.append(id)
        return True

    def add_server(self, name: str) -> bool:
        """Let one more server in; whether it is new."""
        check_server(name)
        if name in self.servers:
            return False
        self._let_in(parties.server(name, []))
        self.servers.append(name)
        return True

    def revoke(self, id: str) -> None:
        """Let this device in no longer."""
        if id not in self.devices:
            known = ", ".join(self.devices) or "none"
            raise CannotLock(f"There is no device {id!r} to revoke; there is: {known}.")
        self.devices.remove(id)
        self._shut_out(parties.device(id))

    def revoke_server(self, name: str) -> None:
        """Let this server in no longer."""
        if name not in self.servers:
            known = ", ".join(self.servers) or "none"
            raise CannotLock(f"There is no server {name!r} to revoke; there is: {known}.")
        self.servers.remove(name)
        self._shut_out(parties.server(name, []))

    def renew(self) -> bool:
        """New certificates for all; whether there is a new authority, too, which all have to be told."""
        hosts = self.hosts
        is_old = self._authority.end - now() < OF_A_CERTIFICATE
        if is_old:
            self._found_authority()
            self._revoked.clear()  # the new one has signed none of them
        self._put_identity("broker", self._authority.for_broker(hosts))
        for party in self.parties:
            for folder, user in self._places(party):
                self._put_credentials(folder, user)
        return is_old

    # ---- how ----

    def _begin(self, hosts: list[str], by_certificate: bool) -> None:
        self.by_certificate = by_certificate
        self._found_authority()
        self._put_identity("broker", self._authority.for_broker(list(dict.fromkeys(map(check_host, hosts)))))
        for party in self.parties:
            self._let_in(party)

    def _let_in(self, party: Party) -> None:
        """Make its credentials, and its check-up's."""
        if (self._folder / party.folder / "user").exists():
            raise CannotLock(f"The folder {party.folder} is another's already: choose another name.")
        for folder, user in self._places(party):
            self._put_credentials(folder, user)
            if not self.by_certificate:
                password = mosquitto.new_password()
                put(folder / "password", password + "\n")
                self._passwords[user] = mosquitto.hashed(password)

    def _shut_out(self, party: Party) -> None:
        for user in (party.user, party.check_user):
            self._revoked += self._serials.pop(user, [])
            self._passwords.pop(user, None)
        self._forget(party)

    def _forget(self, party: Party) -> None:
        """Its folder goes, but not that of another device in it, as `stadium/7` is in `stadium`."""
        folder = self._folder / party.folder
        for name in parties.FILES:
            if (folder / name).is_dir():
                shutil.rmtree(folder / name)
            else:
                (folder / name).unlink(missing_ok=True)
        while folder.name != "devices" and folder.exists() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent

    def _places(self, party: Party) -> list[tuple[Path, str]]:
        folder = self._folder / party.folder
        return [(folder, party.user), (folder / "check", party.check_user)]

    def _put_credentials(self, folder: Path, user: str) -> None:
        identity = self._authority.for_user(user)
        self._serials.setdefault(user, []).append(identity.certificate.serial_number)
        put(folder / "user", user + "\n")
        self._put_identity(folder, identity)

    def _put_identity(self, folder: Path | str, identity: Identity) -> None:
        put(self._folder / folder / "ca.pem", self._authority.identity.cert)
        put(self._folder / folder / "cert.pem", identity.cert)
        put(self._folder / folder / "key.pem", identity.key)

    def _identity(self, folder: Path | str) -> Identity:
        place = self._folder / folder
        return Identity((place / "cert.pem").read_bytes(), (place / "key.pem").read_bytes())

    def _found_authority(self) -> None:
        self._authority = Authority.new(f"Nightlight {secrets.token_hex(4)}")  # no two of the same name
        put(self._folder / "authority/cert.pem", self._authority.identity.cert)
        put(self._folder / "authority/key.pem", self._authority.identity.key)

    def _write(self) -> None:
        """What follows from all the rest; and the broker's own files become those of whom it runs as."""
        user = broker_user(self.home)
        if self.by_certificate:
            put(self._folder / "broker/revoked.pem", self._authority.revoke(self._revoked))
        else:
            put(self._folder / PASSWORDS, "".join(f"{name}:{hash}\n" for name, hash in self._passwords.items()))
        put(self._folder / "broker/rights", mosquitto.rights(self.parties))
        configuration = mosquitto.configuration(self.home, self.port, self.by_certificate, user, self.most_connections)
        put(self._folder / "mosquitto.conf", configuration)
        state = {
            "port": self.port,
            "by_certificate": self.by_certificate,
            "devices": self.devices,
            "servers": self.servers,
            "share": self.share,
            "serials": self._serials,
            "revoked": self._revoked,
        }
        put(self._folder / STATE, json.dumps(state, indent=1, ensure_ascii=False) + "\n")
        if sys.platform != "win32" and os.geteuid() == 0:
            broker = self._folder / "broker"
            for path in (self._folder, self._folder / "mosquitto.conf", broker, *broker.iterdir()):
                shutil.chown(path, user)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """CannotLock in place of what the system, or a damaged file, has to say."""
    try:
        yield
    except OSError as error:
        raise CannotLock(f"{error.filename or folder} cannot be used: {error.strerror or error}.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        what = f"A file in {folder} is damaged: take the folder from a backup, or delete it and lock again."
        raise CannotLock(f"{what} Then all devices need their new folders.") from None


def this_machine() -> list[str]:
    """Names and addresses by which this machine may be reached, those that others can use first."""
    name = socket.gethostname()
    names = [name if "." in name else f"{name}.local", name, "localhost", "127.0.0.1"]
    with suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as others:
        others.connect(TO_OTHERS)
        names.insert(0, others.getsockname()[0])
    return [name for name in dict.fromkeys(names) if is_host(name)]


def broker_user(folder: Path) -> str:
    """Whom Mosquitto runs as when root starts it: whoever owns the folder, and can read it.

    That is whoever runs this. For root it is Debian's user `mosquitto`, if it can get to the folder at all.
    """
    if sys.platform == "win32":
        return "root"  # Mosquitto changes nothing there
    import pwd

    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    try:
        pwd.getpwnam("mosquitto")
    except KeyError:
        return "root"
    is_open_to_all = all(parent.stat().st_mode & 0o001 for parent in folder.parents if parent.exists())
    return "mosquitto" if is_open_to_all else "root"


def check_folder(folder: Path) -> None:
    """CannotLock if it is not ours to change."""
    if folder.exists() and not (folder / STATE).exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotLock(f"{folder} is there already, and this did not make it: choose another with --into.")


def check_host(host: str) -> str:
    """A name or an address as a certificate has it; CannotLock if it is none."""
    if not is_host(host) or set(host) & set("/@%*"):
        raise CannotLock(f"{host!r} is no name or address of a machine; write for example --host 192.168.1.20")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host.encode("idna").decode()


def check_device(id: str) -> None:
    """CannotLock if no device can have this id, or if no folder can be called so."""
    try:
        check_id(id)
    except ValueError as error:
        raise CannotLock(f"The device's id: {error}.") from None
    longest = max(len(os.fsencode(name)) for name in parties.folder_of(id).parts)
    if longest > LONGEST_FOLDER_NAME:
        raise CannotLock(f"The device's id: one of its levels has more than {LONGEST_FOLDER_NAME} bytes; shorten it.")


def check_server(name: str) -> None:
    """CannotLock if no server can be called so: its name is part of its user's, and of its folder's."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", name):
        raise CannotLock(f"The server's name: {name!r} is not made of 1 to 32 letters, digits, '-' and '_'.")
