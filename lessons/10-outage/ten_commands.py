"""A lamp that is on is away while ten commands come: on, off, on, off ... What does it do when it is back?"""

from itertools import pairwise

import paho.mqtt.client as mqtt
from seat import BROKER, ID
from witness import until

TOPIC = f"{ID}/lamp/commands"
TEN = ["on", "off"] * 5


def speak(commands, retain):
    speaker = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-speaker")
    speaker.connect(BROKER)
    speaker.loop_start()
    for command in commands:
        speaker.publish(TOPIC, command, qos=1, retain=retain).wait_for_publish()
    speaker.disconnect()
    speaker.loop_stop()


def connect_lamp(clean_session):
    """The lamp is there for a moment. What does it hear?"""
    heard = []
    lamp = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-lamp", clean_session=clean_session)
    lamp.on_connect = lambda *_: lamp.subscribe(TOPIC, qos=1)
    lamp.on_subscribe = lambda *_: lamp.publish(TOPIC, "that is all", qos=1)  # comes back, after all that has waited
    lamp.on_message = lambda client, userdata, message: heard.append(message.payload.decode())
    lamp.connect(BROKER)
    lamp.loop_start()
    until(lambda: "that is all" in heard)
    lamp.disconnect()
    lamp.loop_stop()
    return heard[:-1]


def try_out(title, clean_session=True, retain=False, only_the_newest=False):
    connect_lamp(clean_session)
    speak(TEN, retain)
    heard = connect_lamp(clean_session)
    obeyed = heard[-1:] if only_the_newest else heard
    states = ["on", *obeyed]
    switched = sum(before != after for before, after in pairwise(states))
    print(f"{title:33}{len(heard):5}{switched:10}   {states[-1]:5}{len(connect_lamp(clean_session)):7}")


print("                                 heard  switched  it is  heard the next time")
try_out("clean session")
try_out("persistent session", clean_session=False)
try_out("... and it obeys the newest only", clean_session=False, only_the_newest=True)
connect_lamp(clean_session=True)  # which ends the persistent one
try_out("clean session, retained commands", retain=True)
speak([""], retain=True)  # so that nothing is left behind
