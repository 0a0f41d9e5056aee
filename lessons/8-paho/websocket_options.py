"""MQTT over WebSockets: the path, and the headers of the request that opens it."""

import paho.mqtt.client as mqtt


def on_connect(client, userdata, flags, reason_code, properties):
    print(f"{userdata}: {reason_code}")
    client.disconnect()


def visit(name, **options):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, userdata=name, transport="websockets")
    client.on_connect = on_connect
    client.ws_set_options(**options)
    client.connect("localhost", 9001)
    client.loop_forever()


def sign(headers):
    print("paho's own headers:", *sorted(headers, key=str.lower), sep="\n    ")
    return headers | {"X-Lamp": "bedroom"}


visit("another path", path="/lamps")
visit("headers from a dictionary", path="/mqtt", headers={"X-Lamp": "bedroom"})
visit("headers from a function", headers=sign)
