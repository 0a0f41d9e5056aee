"""What the guide to paho-mqtt 1.x names that this course must cover, made by hand from it, in its order.

The guide is the Chinese one that step 8 speaks of. In GUIDE a line with a signature is the guide's own, with the
guide's defaults, and stands for the function and for each of its arguments; what the guide names besides stands
beside what the examples' notes say (see noting/sitecustomize.py) when it has been used.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

GUIDE: dict[str, list[str | tuple[str, str]]] = {
    "Callbacks": [
        ("on_connect(client, userdata, flags, rc)", "callback"),
        ("on_connect: rc 0", "on_connect() from CONNACK 0"),
        ("on_connect: rc 1", "on_connect() from CONNACK 1"),
        ("on_connect: rc 2", "on_connect() from CONNACK 2"),
        ("on_connect: rc 3", "on_connect() from CONNACK 3"),
        ("on_connect: rc 4", "on_connect() from CONNACK 4"),
        ("on_connect: rc 5", "on_connect() from CONNACK 5"),
        ("on_disconnect(client, userdata, rc)", "callback"),
        ("on_message(client, userdata, message)", "callback"),
        ("MQTTMessage", "MQTTMessage"),
        ("on_publish(client, userdata, mid)", "callback"),
        ("on_subscribe(client, userdata, mid, granted_qos)", "callback"),
        ("on_unsubscribe(client, userdata, mid)", "callback"),
        ("on_log(client, userdata, level, buf)", "callback"),
        ("MQTT_LOG_INFO", "MQTT_LOG_INFO"),
        ("MQTT_LOG_NOTICE", "MQTT_LOG_NOTICE"),
        ("MQTT_LOG_WARNING", "MQTT_LOG_WARNING"),
        ("MQTT_LOG_ERR", "MQTT_LOG_ERR"),
        ("MQTT_LOG_DEBUG", "MQTT_LOG_DEBUG"),
    ],
    "The constructor, and reinitialise()": [
        'Client(client_id="", clean_session=True, userdata=None, protocol=MQTTv311, transport="tcp")',
        ("Client(clean_session=False)", "Client(clean_session=False)"),
        ("MQTTv31", "MQTTv31"),
        ("MQTTv311", "MQTTv311"),
        ('Client(transport="websockets")', "Client(transport=websockets)"),
        'reinitialise(client_id="", clean_session=True, userdata=None)',
    ],
    "Options": [
        "max_inflight_messages_set(inflight)",
        "max_queued_messages_set(queue_size)",
        "message_retry_set(retry)",
        'ws_set_options(path="/mqtt", headers=None)',
        ("ws_set_options(headers={...})", "ws_set_options(headers: dict)"),
        ("ws_set_options(headers=function)", "ws_set_options(headers: function)"),
        "tls_set(ca_certs=None, certfile=None, keyfile=None, cert_reqs=ssl.CERT_REQUIRED,"
        " tls_version=ssl.PROTOCOL_TLS, ciphers=None)",
        "tls_set_context(context=None)",
        "tls_insecure_set(value)",
        "enable_logger(logger=None)",
        "disable_logger()",
        "username_pw_set(username, password=None)",
        "user_data_set(userdata)",
        "will_set(topic, payload=None, qos=0, retain=False)",
        ("will_set() raises ValueError", "will_set() raises ValueError"),
        "reconnect_delay_set(min_delay=1, max_delay=120)",
    ],
    "To connect and to leave": [
        'connect(host, port=1883, keepalive=60, bind_address="")',
        'connect_async(host, port=1883, keepalive=60, bind_address="")',
        'connect_srv(domain, keepalive=60, bind_address="")',
        "reconnect()",
        "disconnect()",
    ],
    "The network loop": [
        "loop(timeout=1.0, max_packets=1)",
        "loop_start()",
        "loop_stop(force=False)",
        "loop_forever(timeout=1.0, max_packets=1, retry_first_connection=False)",
    ],
    "publish()": [
        "publish(topic, payload=None, qos=0, retain=False)",
        ("publish(payload=int)", "publish(payload: int)"),
        ("publish(payload=float)", "publish(payload: float)"),
        ("publish(payload=struct.pack())", "publish(payload: bytes)"),
        ("publish() raises ValueError", "publish() raises ValueError"),
        ("MQTTMessageInfo", "publish() -> MQTTMessageInfo"),
        ("MQTTMessageInfo.rc", "MQTTMessageInfo.rc"),
        ("MQTT_ERR_SUCCESS", "MQTT_ERR_SUCCESS"),
        ("MQTT_ERR_NO_CONN", "MQTT_ERR_NO_CONN"),
        ("MQTT_ERR_QUEUE_SIZE", "MQTT_ERR_QUEUE_SIZE"),
        ("MQTTMessageInfo.mid", "MQTTMessageInfo.mid"),
        "wait_for_publish()",
        ("wait_for_publish() raises ValueError", "wait_for_publish() raises ValueError"),
        "is_published()",
        ("is_published() raises ValueError", "is_published() raises ValueError"),
    ],
    "subscribe() and unsubscribe()": [
        "subscribe(topic, qos=0)",
        ('subscribe("my/topic", 2)', "subscribe(topic: str)"),
        ('subscribe(("my/topic", 1))', "subscribe(topic: tuple)"),
        ('subscribe([("my/topic", 0), ("another/topic", 2)])', "subscribe(topic: list of tuple)"),
        ("subscribe() returns (result, mid)", "subscribe() -> tuple"),
        ("subscribe() raises ValueError", "subscribe() raises ValueError"),
        "unsubscribe(topic)",
        ('unsubscribe("my/topic")', "unsubscribe(topic: str)"),
        ('unsubscribe(["my/topic", "another/topic"])', "unsubscribe(topic: list of str)"),
        ("unsubscribe() returns (result, mid)", "unsubscribe() -> tuple"),
    ],
    "A loop of your own": [
        "loop_read(max_packets=1)",
        "loop_write(max_packets=1)",
        "loop_misc()",
        "socket()",
        "want_write()",
    ],
    "Global helpers": [
        "topic_matches_sub(sub, topic)",
        "connack_string(connack_code)",
        "error_string(mqtt_errno)",
    ],
    "The publish module": [
        'publish.single(topic, payload=None, qos=0, retain=False, hostname="localhost", port=1883, client_id="",'
        ' keepalive=60, will=None, auth=None, tls=None, protocol=mqtt.MQTTv311, transport="tcp")',
        ('publish.single(will["topic"])', 'publish.single(will["topic"])'),
        ('publish.single(will["payload"])', 'publish.single(will["payload"])'),
        ('publish.single(will["qos"])', 'publish.single(will["qos"])'),
        ('publish.single(will["retain"])', 'publish.single(will["retain"])'),
        ('publish.single(auth["username"])', 'publish.single(auth["username"])'),
        ('publish.single(auth["password"])', 'publish.single(auth["password"])'),
        ('publish.single(tls["ca_certs"])', 'publish.single(tls["ca_certs"])'),
        ('publish.single(tls["certfile"])', 'publish.single(tls["certfile"])'),
        ('publish.single(tls["keyfile"])', 'publish.single(tls["keyfile"])'),
        ('publish.single(tls["tls_version"])', 'publish.single(tls["tls_version"])'),
        ('publish.single(tls["ciphers"])', 'publish.single(tls["ciphers"])'),
        'publish.multiple(msgs, hostname="localhost", port=1883, client_id="", keepalive=60, will=None, auth=None,'
        ' tls=None, protocol=mqtt.MQTTv311, transport="tcp")',
        ("publish.multiple(msgs=[{...}])", "publish.multiple(msgs: list of dict)"),
        ("publish.multiple(msgs=[(...)])", "publish.multiple(msgs: list of tuple)"),
    ],
    "The subscribe module": [
        'subscribe.simple(topics, qos=0, msg_count=1, retained=False, hostname="localhost", port=1883, client_id="",'
        " keepalive=60, will=None, auth=None, tls=None, protocol=mqtt.MQTTv311)",
        ('subscribe.simple(topics="my/topic")', "subscribe.simple(topics: str)"),
        ('subscribe.simple(topics=["my/topic"])', "subscribe.simple(topics: list of str)"),
        ('subscribe.simple(will["topic"])', 'subscribe.simple(will["topic"])'),
        ('subscribe.simple(will["payload"])', 'subscribe.simple(will["payload"])'),
        ('subscribe.simple(will["qos"])', 'subscribe.simple(will["qos"])'),
        ('subscribe.simple(will["retain"])', 'subscribe.simple(will["retain"])'),
        ('subscribe.simple(auth["username"])', 'subscribe.simple(auth["username"])'),
        ('subscribe.simple(auth["password"])', 'subscribe.simple(auth["password"])'),
        ('subscribe.simple(tls["ca_certs"])', 'subscribe.simple(tls["ca_certs"])'),
        ('subscribe.simple(tls["certfile"])', 'subscribe.simple(tls["certfile"])'),
        ('subscribe.simple(tls["keyfile"])', 'subscribe.simple(tls["keyfile"])'),
        ('subscribe.simple(tls["tls_version"])', 'subscribe.simple(tls["tls_version"])'),
        ('subscribe.simple(tls["ciphers"])', 'subscribe.simple(tls["ciphers"])'),
        ("subscribe.simple() returns a MQTTMessage", "subscribe.simple() -> MQTTMessage"),
        ("subscribe.simple() returns a list", "subscribe.simple() -> list"),
        'subscribe.callback(callback, topics, qos=0, userdata=None, hostname="localhost", port=1883, client_id="",'
        " keepalive=60, will=None, auth=None, tls=None, protocol=mqtt.MQTTv311)",
        ('subscribe.callback(topics="my/topic")', "subscribe.callback(topics: str)"),
        ('subscribe.callback(topics=["my/topic"])', "subscribe.callback(topics: list of str)"),
    ],
}

SINCE: dict[str, dict[str, str]] = {
    "1.3": {  # or before
        "will_clear()": "will_clear()",
        "message_callback_add()": "message_callback_add()",
        "message_callback_remove()": "message_callback_remove()",
    },
    "1.4": {
        "enable_bridge_mode()": "enable_bridge_mode()",
        "on_socket_open(client, userdata, sock)": "callback",
        "on_socket_close(client, userdata, sock)": "callback",
        "on_socket_register_write(client, userdata, sock)": "callback",
        "on_socket_unregister_write(client, userdata, sock)": "callback",
    },
    "1.5": {
        "is_connected()": "is_connected()",
        "proxy_set()": "proxy_set()",
        "suppress_exceptions": "suppress_exceptions",
    },
    "1.6": {
        "on_connect_fail(client, userdata)": "callback",
        "connect_callback()": "connect_callback()",
        "connect_fail_callback()": "connect_fail_callback()",
        "topic_callback()": "topic_callback()",
        "Client(reconnect_on_failure=False)": "Client(reconnect_on_failure=False)",
    },
    "2.0": {
        "Client(callback_api_version=)": "Client(callback_api_version=)",
        "Client(manual_ack=True)": "Client(manual_ack=True)",
        "ack()": "ack()",
        "manual_ack_set()": "manual_ack_set()",
        "on_pre_connect(client, userdata)": "callback",
        "pre_connect_callback()": "pre_connect_callback()",
        "user_data_get()": "user_data_get()",
        "connect_timeout": "connect_timeout",
        "host": "host",
        "port": "port",
        "keepalive": "keepalive",
        "username": "username",
        "password": "password",
        "max_inflight_messages": "max_inflight_messages",
        "max_queued_messages": "max_queued_messages",
        "will_topic": "will_topic",
        "will_payload": "will_payload",
        "transport": "transport",
        "protocol": "protocol",
        "callback_api_version": "callback_api_version",
        "logger": "logger",
    },
    "2.1": {
        'Client(transport="unix")': "Client(transport=unix)",
    },
    "2.2": {
        "drop_out_messages()": "drop_out_messages()",
    },
}
"""What the guide does not name, by the version of paho-mqtt that brought it, and what the notes say of it."""

LIKE_CONNECT_CALLBACK = {
    *("disconnect_callback", "log_callback", "message_callback", "publish_callback", "subscribe_callback"),
    *("unsubscribe_callback", "socket_open_callback", "socket_close_callback"),
    *("socket_register_write_callback", "socket_unregister_write_callback"),
}
"""Methods without an example of their own: as `connect_callback()`, for the other callbacks."""


class Name(NamedTuple):
    """A name of paho-mqtt."""

    chapter: str
    name: str
    """As it stands in the course's table: `connect()`, `connect(port=)`, `MQTT_ERR_NO_CONN`."""
    note: str
    """What the notes of a run say if an example has used it."""
    function: str = ""
    """`connect`, if it is a function or one of its arguments."""
    argument: str = ""
    default: str | None = None
    """The argument's default in the guide, as Python; None if it has none."""
    since: str = ""
    """The version that brought it, if the guide does not name it."""


def new_names() -> Iterator[Name]:
    """Those that are not in the guide."""
    for version, entries in SINCE.items():
        for name, note in entries.items():
            yield Name("Not in the guide", name, note, since=version)


def names() -> Iterator[Name]:
    """All of the guide's."""
    for chapter, entries in GUIDE.items():
        for entry in entries:
            if isinstance(entry, tuple):
                yield Name(chapter, *entry)
                continue
            call = ast.parse(entry, mode="eval").body
            assert isinstance(call, ast.Call)
            function = ast.unparse(call.func)
            yield Name(chapter, f"{function}()", f"{function}()", function)
            for positional in call.args:
                name = f"{function}({ast.unparse(positional)}=)"
                yield Name(chapter, name, name, function, ast.unparse(positional))
            for given in call.keywords:
                name = f"{function}({given.arg}=)"
                yield Name(chapter, name, name, function, given.arg or "", ast.unparse(given.value))
