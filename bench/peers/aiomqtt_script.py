"""A server with aiomqtt: asyncio around paho-mqtt.

It sends each packet at once, by an option of the library. Without that it makes some 24 decisions a second at QoS 1.
"""

import asyncio
import json
import socket
import sys

import aiomqtt

port, id, qos = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])


async def main():
    at_once = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    async with aiomqtt.Client("127.0.0.1", port, socket_options=at_once) as client:
        await client.subscribe(f"{id}/+/telemetry", qos)
        async for message in client.messages:
            light = json.loads(message.payload)["light"]
            topic = message.topic.value.replace("telemetry", "commands")
            await client.publish(topic, json.dumps({"led_on": light < 300}), qos)


asyncio.run(main())
