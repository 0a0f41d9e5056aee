"""proxy_set() with the package PySocks, through a small HTTP proxy of our own."""

import contextlib
import os
import socket
import threading

import paho.mqtt.client as mqtt
import socks
from seat import BROKER


def pass_on(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(4096):
            target.sendall(data)


def serve(server):
    """Read a CONNECT, open the connection that it asks for, then pass on each byte in both directions."""
    while True:
        client, _ = server.accept()
        request = client.recv(4096).decode()
        print("the proxy is asked:", request.splitlines()[0])
        host, port = request.split()[1].rsplit(":", 1)
        broker = socket.create_connection((host, int(port)))
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        threading.Thread(target=pass_on, args=(broker, client), daemon=True).start()
        threading.Thread(target=pass_on, args=(client, broker), daemon=True).start()


server = socket.create_server(("localhost", 0))
port = server.getsockname()[1]
threading.Thread(target=serve, args=(server,), daemon=True).start()


def on_connect(client, userdata, flags, reason_code, properties):
    print("on_connect:", reason_code)
    client.disconnect()


def new_client():
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.on_connect = on_connect
    return client


client = new_client()
client.proxy_set(proxy_type=socks.HTTP, proxy_addr="localhost", proxy_port=port)
client.connect(BROKER)
client.loop_forever()

os.environ["MQTT_PROXY"] = f"http://localhost:{port}"  # the same for each client of this program
client = new_client()
client.connect(BROKER)
client.loop_forever()
