"""The loop is asyncio's: paho says when there is a socket to watch, and when it has something to write."""

import asyncio

import paho.mqtt.client as mqtt
from seat import BROKER, ID

TOPIC = f"{ID}/asyncio"


def on_connect(client, userdata, flags, reason_code, properties):
    print("on_connect:", reason_code)
    client.subscribe(TOPIC)


def on_subscribe(client, userdata, mid, reason_codes, properties):
    client.publish(TOPIC, "seen by asyncio")


def on_message(client, userdata, message):
    print("on_message:", message.payload.decode())
    client.disconnect()


async def main():
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()

    def on_socket_open(client, userdata, sock):
        print("on_socket_open")
        loop.add_reader(sock, client.loop_read)

    def on_socket_close(client, userdata, sock):
        print("on_socket_close")
        loop.remove_reader(sock)
        closed.set()

    def on_socket_register_write(client, userdata, sock):
        loop.add_writer(sock, client.loop_write)

    def on_socket_unregister_write(client, userdata, sock):
        loop.remove_writer(sock)

    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.on_connect = on_connect
    client.on_subscribe = on_subscribe
    client.on_message = on_message
    client.on_socket_open = on_socket_open
    client.on_socket_close = on_socket_close
    client.on_socket_register_write = on_socket_register_write
    client.on_socket_unregister_write = on_socket_unregister_write
    client.connect(BROKER)
    while not closed.is_set():
        client.loop_misc()
        await asyncio.sleep(0.1)


asyncio.run(main())
