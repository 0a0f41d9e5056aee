"""What is wrong with a connection to a broker, in words for a beginner."""

from __future__ import annotations

import os
import socket
import ssl
import time
from pathlib import Path

from nightlight.address import BrokerAddress
from nightlight.notices import Problem, printable
from nightlight.trust import BadCredentials


def failure(error: Exception, broker: BrokerAddress) -> Problem:
    """An attempt to connect that failed before MQTT began."""
    if isinstance(error, socket.gaierror):
        return Problem(f"The broker's name is not found: {broker.host}.", "Is it spelled right, is there a network?")
    if isinstance(error, BadCredentials):
        return error.problem
    if isinstance(error, ssl.SSLCertVerificationError):
        what = f"The broker's certificate is not trusted: {error.verify_message} ({broker})."
        return Problem(what, _remedy_for(error, broker))
    if isinstance(error, ssl.SSLError) and "ALERT" in (error.reason or ""):
        return _alert(str(error.reason), broker)
    if isinstance(error, ssl.SSLError) or (broker.tls and isinstance(error, ConnectionResetError)):
        return Problem(
            f"{broker} does not speak TLS.",
            "Is it the right port, should it be mqtt:// or ws://, or has it too many connections?",
        )
    if isinstance(error, ConnectionRefusedError):
        return Problem(f"The connection is refused: no broker listens at {broker}.", _is_it_running(broker))
    if isinstance(error, TimeoutError):
        return Problem(f"Nobody answers at {broker}.", "Is the address right, is a firewall in between?")
    if isinstance(error, OSError):
        return Problem(f"No way to {broker}: {error.strerror or error}.", "Is this machine in the network?")
    return Problem(f"{broker} sends what is not MQTT ({printable(repr(error))}).", "Is it the right port?")


def no_websocket(error: Exception, broker: BrokerAddress) -> Problem:
    """Somebody is there, but does not agree to MQTT over WebSockets."""
    what = f"{broker} does not speak MQTT over WebSockets at {broker.path} ({printable(str(error))})."
    return Problem(what, "Is it the right port and path?")


def refusal(reason: str, broker: BrokerAddress) -> Problem:
    """A CONNACK that says no (MQTT 3.1.1 section 3.2.2.3), with paho-mqtt's name for its reason."""
    if reason in ("Bad user name or password", "Not authorized"):
        if broker.user:
            return Problem(
                f"{broker} does not accept the user {broker.user!r} or its password.",
                "Was it revoked, or locked anew? Then it needs a new folder, from run.py lock on the broker's machine."
                if broker.trust.ca
                else "Check both; in the URL, an @ in them is written %40, a / is %2F.",
            )
        scheme, _, rest = broker.url.partition("://")
        return Problem(
            f"{broker} does not accept a client without a user.", f"Write --broker {scheme}://user:password@{rest}"
        )
    if reason == "Client identifier not valid":
        return Problem(f"{broker} does not accept this client id.", "Try another --id.")
    return Problem(f"{broker} refuses the connection: {reason}.", "Ask whoever runs the broker.")


def end(broker: BrokerAddress, was_open: bool, was_silent: bool) -> Problem:
    """A connection that ended without being asked to."""
    if was_open and was_silent:
        return Problem(f"The connection is lost: {broker} has been silent for too long.", "Is there still a network?")
    if was_open:
        return Problem(f"The connection is lost: {broker} has ended it.", "Is the broker still running?")
    if was_silent:
        return silence(broker)
    return Problem(
        f"{broker} ends the connection before answering.",
        "Is it an MQTT broker? Has it too many connections? "
        + ("Does it accept our certificate? --check tells more." if broker.tls else "Does it want mqtts:// or ws://?"),
    )


def silence(broker: BrokerAddress) -> Problem:
    """Somebody is there, and says nothing at all."""
    return Problem(f"{broker} accepts the connection but never answers.", "Is it an MQTT broker?")


def _is_it_running(broker: BrokerAddress) -> str:
    if not broker.is_this_machine:
        return (
            "Is it running there, and not for its own machine alone, as Mosquitto does without a configuration file"
            " (mosquitto -c mosquitto.conf lets the network in)? Does a firewall there block the port?"
        )
    other = "mosquitto -c mosquitto.conf starts one there" if broker.port == 1883 else "or has it another port"
    return f"Is it running? ({other}.)"


def _remedy_for(error: ssl.SSLCertVerificationError, broker: BrokerAddress) -> str:
    """The commonest reasons, by OpenSSL's numbers (X509_V_ERR_... in its header x509_vfy.h)."""
    clock = f"This machine's clock says {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC: is that right? If it is,"
    if error.verify_code == 9:
        return f"{clock} the clock was wrong where the certificate was made: make it anew there."
    if error.verify_code == 10:
        return f"{clock} the broker needs a new certificate. One made by run.py lock: python3 run.py lock --renew"
    if error.verify_code in (62, 64):  # made out to another name, or number
        return (
            "Write the broker's name just as it is in the certificate."
            f" One made by run.py lock gets another name there: python3 run.py lock --host {broker.host}"
        )
    if error.verify_code in range(79, 94):  # it lacks what RFC 5280 asks for; Python checks that since 3.13
        return (
            "It, or its authority's, was made without something that Python asks for (RFC 5280)."
            " Make both anew, the authority's with basicConstraints=critical,CA:TRUE and keyUsage=critical,keyCertSign."
        )
    if broker.trust.ca:
        return (
            f"The authority in {broker.trust.ca} has not signed it: somebody else answers there, or the broker was"
            " locked anew. Then copy the folder with its credentials from there again."
        )
    if file := os.environ.get("SSL_CERT_FILE"):
        return f"SSL_CERT_FILE names {file}: {_what_is_wrong_with(Path(file))}"
    return "If the broker is your own, name the authority that signed it: --ca authority.pem"


def _alert(reason: str, broker: BrokerAddress) -> Problem:
    """What the broker says before it hangs up (RFC 8446 section 6.2), with OpenSSL's name for it."""
    if "PROTOCOL_VERSION" in reason:
        return Problem(f"{broker} does not speak TLS 1.2 or newer.", "Bring the broker up to date.")
    if "REVOKED" in reason:
        return Problem(f"{broker} lets this certificate in no longer: it is revoked.", "Ask whoever runs the broker.")
    if "EXPIRED" in reason:
        return Problem(f"{broker} refuses our certificate: it has ended.", "Get a new one: python3 run.py lock --renew")
    if not broker.trust.cert and ("REQUIRED" in reason or "HANDSHAKE_FAILURE" in reason):
        what = f"{broker} wants to see a certificate of ours."
        return Problem(what, "Name the folder that run.py lock has made (--credentials), or --cert and --key.")
    words = " ".join(reason.partition("ALERT_")[2].lower().split("_"))
    return Problem(
        f"{broker} refuses our certificate ({words}).", "Was it made for this broker? Copy its folder from there again."
    )


def _what_is_wrong_with(file: Path) -> str:
    """With a file of certificates, which OpenSSL itself does not say."""
    try:
        content = file.read_bytes()
    except OSError as error:
        return f"it cannot be read ({error.strerror}). Is the path right?"
    if b"BEGIN CERTIFICATE" not in content:
        return "there is no certificate in it. Name the authority's certificate (not a key), in PEM."
    return "the authority in it has not signed this broker's certificate. Take the one that did."
