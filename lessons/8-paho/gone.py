"""What paho-mqtt 1.x knew and 2.x does not, or no longer likes."""

import ssl
import textwrap
import warnings

import paho.mqtt.client as mqtt
from seat import BROKER

warnings.simplefilter("error")  # so that a warning can be caught


def show(old, call):
    try:
        call()
    except (AttributeError, TypeError, ValueError, DeprecationWarning) as error:
        print(old)
        print(textwrap.indent(textwrap.fill(f"{type(error).__name__}: {error}", 70), "    "))


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)

show("Client()", mqtt.Client)
show('Client("lamp")', lambda: mqtt.Client("lamp"))
show("message_retry_set(5)", lambda: client.message_retry_set(5))
show("loop(max_packets=1)", lambda: client.loop(max_packets=1))
show("loop_forever(max_packets=1)", lambda: client.loop_forever(max_packets=1))
show("loop_write(max_packets=1)", lambda: client.loop_write(max_packets=1))
show("loop_stop(force=True)", lambda: client.loop_stop(force=True))
show("tls_set(tls_version=ssl.PROTOCOL_TLS)", lambda: client.tls_set(tls_version=ssl.PROTOCOL_TLS))

print("loop_read(max_packets=1) is still there:", client.loop_read(max_packets=1).name)


def on_connect(client, userdata, flags, rc): ...  # the form of 1.x, one argument short


client.on_connect = on_connect
client.connect(BROKER)
show("on_connect(client, userdata, flags, rc)", client.loop_forever)

warnings.simplefilter("ignore")
old = mqtt.Client(mqtt.CallbackAPIVersion.VERSION1)  # the callbacks of 1.x, while they last


def old_on_connect(client, userdata, flags, rc):
    print("with VERSION1 it works:", flags, mqtt.connack_string(rc))
    client.disconnect()


old.on_connect = old_on_connect
old.connect(BROKER)
old.loop_forever()
