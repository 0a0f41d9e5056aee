"""Where the broker is: `mqtt://user:password@host:port`."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from nightlight.trust import Trust

SCHEMES = {
    # Ports as registered with IANA. WebSocket brokers usually answer on the path /mqtt.
    "mqtt": (1883, "tcp", False),
    "mqtts": (8883, "tcp", True),
    "ws": (80, "websockets", False),
    "wss": (443, "websockets", True),
}
PRIVATE_DOMAINS = (".local", ".lan", ".home.arpa", ".internal")


@dataclass(frozen=True)
class BrokerAddress:
    """A broker's URL, taken apart."""

    host: str
    port: int
    transport: str = "tcp"  # or "websockets", as paho-mqtt calls them
    tls: bool = False
    path: str = "/mqtt"  # only for WebSockets
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    trust: Trust = field(default_factory=Trust)  # only for TLS; it is in no URL

    @classmethod
    def parse(cls, url: str) -> BrokerAddress:
        """The address in `url`. ValueError says what is wrong with it, and never shows a password."""
        if " " in url or not url.isprintable():
            raise ValueError("there is a blank, or what cannot be printed, in the broker's URL")
        scheme, _, rest = url.partition("://")
        if scheme.lower() not in SCHEMES or "://" not in url:
            known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
            raise ValueError(f"a broker's URL begins with {known}: for example mqtt://192.168.1.20")
        if set(rest.rpartition("@")[0]) & set("#/?[]") or "#" in rest:
            raise ValueError("in a user or password write %23 for #, %2F for /, %3F for ?, %5B for [ and %5D for ]")
        try:
            parts = urlsplit(url)
            host, port = unquote(parts.hostname or ""), parts.port  # an IPv6 zone: fe80::1%25eth0 (RFC 6874)
        except ValueError as error:  # whose text may hold a password
            wrong = "port is not a number from 1 to 65535" if "ort" in str(error) else "host is no name, nor IPv6 in []"
            raise ValueError(f"the broker's {wrong}") from None
        if not is_host(host):
            raise ValueError(f"a broker's URL names a host: for example {parts.scheme}://192.168.1.20")
        if port == 0:
            raise ValueError("port 0 in the broker's URL; ports are 1 to 65535")
        default_port, transport, tls = SCHEMES[parts.scheme]
        if transport == "tcp" and (parts.path not in ("", "/") or parts.query):
            raise ValueError(
                f"{parts.scheme}:// takes no path; write {parts.scheme}://{rest.rpartition('@')[2].split('/')[0]}"
            )
        path = parts.path if parts.path not in ("", "/") else cls.path
        return cls(
            host=host,
            port=port or default_port,
            transport=transport,
            tls=tls,
            path=f"{path}?{parts.query}" if parts.query else path,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )

    @property
    def is_public(self) -> bool:
        """Whether strangers share this broker, as far as its name or number tells (nothing is looked up)."""
        try:
            number = ipaddress.ip_address(self.host)
        except ValueError:
            name = self.host.rstrip(".").lower()
            return "." in name and not name.endswith(PRIVATE_DOMAINS)
        return not (number.is_loopback or number.is_private or number.is_link_local)

    @property
    def is_this_machine(self) -> bool:
        """Whether it is `localhost`, or a loopback address: what goes there crosses no network."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host.rstrip(".").lower() == "localhost"

    @property
    def url(self) -> str:
        """How it is written after --broker, with `user:password@` in place of the real ones."""
        scheme = next(name for name, (_, *kind) in SCHEMES.items() if kind == [self.transport, self.tls])
        path = self.path if self.transport == "websockets" and self.path != BrokerAddress.path else ""
        return f"{scheme}://{'user:password@' if self.user else ''}{self}{path}"

    def __str__(self) -> str:
        """`host:port`, for a line that a person reads."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def addresses(urls: str) -> tuple[BrokerAddress, ...]:
    """The addresses in one URL or several, with commas or blanks between them. ValueError as BrokerAddress.parse()."""
    return tuple(map(BrokerAddress.parse, re.split(r"(?<=[^,\s])[,\s]+(?=\w+://)", urls)))


def is_host(host: str) -> bool:
    """Whether `host` can be looked up at all; what cannot would end in UnicodeError, later."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return bool(host) and host.isprintable() and not any(character.isspace() for character in host)
