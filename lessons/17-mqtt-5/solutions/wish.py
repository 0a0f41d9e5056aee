"""A retained wish that expires after two seconds: who hears it, and who hears that it is over?"""

import time

from paho.mqtt.packettypes import PacketTypes
from seat import ID
from versions import all_that_comes, connect, leave, properties

two_seconds = properties(PacketTypes.PUBLISH, {"MessageExpiryInterval": 2})
early = connect("3.1.1", "early", f"{ID}/override")
person = connect("MQTT 5", "person")
person.publish(f"{ID}/override", "on", 1, retain=True, properties=two_seconds).wait_for_publish(10)
soon = connect("3.1.1", "soon", f"{ID}/override")
time.sleep(4)
late = connect("3.1.1", "late", f"{ID}/override")
for name, client in ("early", early), ("soon", soon), ("late", late):
    print(f"{name:6}", [message.payload.decode() for message in all_that_comes(client, "override")])
    leave(client)
leave(person)
