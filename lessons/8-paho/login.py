"""A user's name and password, and what the broker says to wrong ones."""

import paho.mqtt.client as mqtt


def on_log(client, userdata, level, buf):
    if buf.startswith("Received CONNACK"):
        print("  the broker's packet:", buf)


def on_connect(client, userdata, flags, reason_code, properties):
    print(f"  on_connect: {reason_code}, as a number {reason_code.value}, a failure: {reason_code.is_failure}")
    client.disconnect()


def try_to_connect(port, username=None, password=None, protocol=mqtt.MQTTv311):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=protocol)
    client.on_log = on_log
    client.on_connect = on_connect
    client.username_pw_set(username, password)  # a username of None: no login at all
    client.connect("localhost", port)
    client.loop_forever()


print("the right password")
try_to_connect(1884, "learner", "moonlight")
print("a wrong one")
try_to_connect(1884, "learner", "sunlight")
print("none")
try_to_connect(1884)
print("an MQTT that does not exist")
try_to_connect(1883, protocol=6)

for code in range(6):
    print(code, mqtt.connack_string(code))
