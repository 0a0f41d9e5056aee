"""Clients of both versions of MQTT, for the experiments of this step."""

import queue

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from seat import BROKER, ID


def properties(packet, values):
    """What MQTT 5 can say in a packet of this type beside what 3.1.1 says there."""
    all_of_them = Properties(packet)
    for name, value in values.items():
        setattr(all_of_them, name, value)
    return all_of_them


def connect(version, name, topic=None, clean=True, host=BROKER, port=1883, **values):
    """A client that is connected; client.heard is a queue of the messages that come."""
    name = f"{ID}-{name}"
    if version == "3.1.1":
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, name, clean_session=clean)
        options = {}
    else:
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, name, protocol=mqtt.MQTTv5)
        options = {"clean_start": clean, "properties": properties(PacketTypes.CONNECT, values)}
    client.heard, ready = queue.Queue(), queue.Queue()
    client.on_message = lambda client, userdata, message: client.heard.put(message)
    client.on_connect = lambda *_: client.subscribe(topic, 1) if topic else ready.put(True)
    client.on_subscribe = lambda *_: ready.put(True)
    client.connect(host, port, **options)
    client.loop_start()
    ready.get(timeout=10)
    return client


def publish(version, client, topic, payload, **values):
    """Publishes at QoS 1. Returns when the broker has the message."""
    options = {} if version == "3.1.1" else {"properties": properties(PacketTypes.PUBLISH, values)}
    client.publish(f"{ID}/{topic}", payload, 1, **options).wait_for_publish(10)


def all_that_comes(client, topic):
    """What the broker has for this client: it comes before a message that the client now sends to itself."""
    client.subscribe(f"{ID}/{topic}", 1)
    client.publish(f"{ID}/{topic}", "the end")
    messages = []
    while (message := client.heard.get(timeout=10)).payload != b"the end":
        messages.append(message)
    return messages


def leave(client):
    """Says goodbye. The session, if it lasts, goes on."""
    client.disconnect()
    client.loop_stop()
