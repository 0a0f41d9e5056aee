"""A server with gmqtt: asyncio, and MQTT without paho-mqtt."""

import asyncio
import json
import sys

import gmqtt
from gmqtt.mqtt.constants import MQTTv311

port, id, qos = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])


def handle_telemetry(client, topic, payload, qos_of_it, properties):
    light = json.loads(payload)["light"]
    client.publish(topic.replace("telemetry", "commands"), json.dumps({"led_on": light < 300}), qos)
    return 0


async def main():
    client = gmqtt.Client("gmqtt-server")
    client.on_message = handle_telemetry
    await client.connect("127.0.0.1", port, version=MQTTv311)
    client.subscribe(f"{id}/+/telemetry", qos)
    await asyncio.Event().wait()


asyncio.run(main())
