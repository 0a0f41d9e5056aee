"""The three files that a locked Mosquitto reads. What they say holds for 2.0.11, 2.0.21 and 2.1: tried on each."""

from __future__ import annotations

import base64
import hashlib
import secrets
from pathlib import Path

from broker.parties import Party, Right

ITERATIONS = 101
"""Of PBKDF2, as mosquitto_passwd does it. A password of 192 random bits needs none; the broker, which has one thread,
would spend more of them on each stranger that knocks."""

SALT = 12  # bytes; Mosquitto 2.0.11 takes no other number

CONFIGURATION = """\
# A locked broker, made by: python3 run.py lock. It is written anew each time; your own changes would be lost.
# Start it from any folder:  mosquitto -c {folder}/mosquitto.conf

# Nobody without a name, and each with the rights that are written for it. What is not written is refused.
allow_anonymous false
acl_file {folder}/broker/rights
{login}

# Bounds, also for who is not let in. The nightlight's packets have some hundred bytes; a bigger one ends a connection.
max_packet_size 20000
max_inflight_messages 20
# How many messages wait for a client that is slow, and for how long for one that is away.
max_queued_messages 10000
max_queued_bytes 2000000
persistent_client_expiration 1d
# Send each message at once: the LED would follow 40 ms later.
set_tcp_nodelay true
# Where Mosquitto keeps retained messages on disk, as Debian's service does: each minute.
autosave_interval 60
# Started by root, Mosquitto becomes this user, who can read this folder.
user {user}

# The one door. TLS 1.2 or newer; there is no plain listener beside it. (The lines below belong to the listener, and
# stand below it: above it, some would open another one.)
listener {port}
cafile {folder}/broker/ca.pem
certfile {folder}/broker/cert.pem
keyfile {folder}/broker/key.pem
tls_version tlsv1.2
# So many that strangers who say nothing leave room for us. A service may have 1,000 unless its LimitNOFILE is raised.
max_connections {connections}
# A client's id is its user's name, whatever it says itself, so that nobody pushes another off the broker.
use_username_as_clientid true
{identity}"""

BY_PASSWORD = "password_file {folder}/broker/passwords"

BY_CERTIFICATE = """\
# Each shows a certificate of our authority, whose common name is its user's.
require_certificate true
use_identity_as_username true
crlfile {folder}/broker/revoked.pem
"""


def configuration(folder: Path, port: int, by_certificate: bool, user: str, connections: int) -> str:
    """mosquitto.conf for what is in this folder; `user` is whom Mosquitto becomes if root starts it."""
    login, identity = ("", BY_CERTIFICATE) if by_certificate else (BY_PASSWORD, "")
    parts = {"login": login.format(folder=folder), "identity": identity.format(folder=folder)}
    return CONFIGURATION.format(folder=folder, port=port, user=user, connections=connections, **parts)


def rights(parties: list[Party]) -> str:
    """The access list: each user's rights written out, not by pattern, so that an id may hold any character."""
    lines = ["# Who may read and write what. Made by: python3 run.py lock\n"]
    for party in parties:
        lines += [_rights_of(party.user, party.rights), _rights_of(party.check_user, party.checks)]
    return "\n".join(lines)


def _rights_of(user: str, rights: tuple[Right, ...]) -> str:
    return "".join([f"user {user}\n", *(f"topic {right.access} {right.topic}\n" for right in rights)])


def new_password() -> str:
    """192 random bits, in letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(24)


def hashed(password: str) -> str:
    """As it stands in Mosquitto's password file after the user's name (mosquitto_passwd(1): PBKDF2, SHA-512)."""
    salt = secrets.token_bytes(SALT)
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return f"$7${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"
