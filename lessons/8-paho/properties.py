"""Properties: the settings of a client, to be read and to be changed."""

import paho.mqtt.client as mqtt
from seat import BROKER, ID


def on_connect(client, userdata, flags, reason_code, properties):
    print("on_connect:", reason_code)
    try:
        client.keepalive = 10
    except RuntimeError as error:
        print("RuntimeError:", error)
    client.disconnect()


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-properties")
client.on_connect = on_connect
client.host = BROKER
client.port = 1883
client.keepalive = 30
client.connect_timeout = 2.5
client.username, client.password = "learner", "moonlight"
client.max_inflight_messages = 10
client.max_queued_messages = 100
client.will_set(f"{ID}/properties", "gone")
client.manual_ack_set(True)  # this one has no property

for name in "connect_timeout", "max_inflight_messages", "will_topic", "will_payload", "transport", "logger":
    print(f"{name}: {getattr(client, name)}")
print(client.protocol.name, "with the callbacks of", client.callback_api_version.name)

client.reconnect()  # which finds host and port in the properties
client.loop_forever()
