"""What does the broker answer to a message that it does not pass on?"""

import queue

from seat import ID
from versions import connect, leave

ROWS = [
    ("somebody listens", "telemetry", False),
    ("nobody listens", "nobody/telemetry", False),
    ("you may not publish there", "commands", False),
    ("this broker retains nothing", "telemetry", True),
]


def answer_to(version, topic, retain):
    """The reason code of the broker's answer, in paho-mqtt's words."""
    client = connect(version, "talker", host="localhost", port=1884)
    answers = queue.Queue()
    client.on_publish = lambda client, userdata, number, reason, properties: answers.put(str(reason))
    client.on_disconnect = lambda client, userdata, flags, reason, properties: answers.put(f"goodbye: {reason}")
    client.publish(f"{ID}/{topic}", '{"light": 80}', 1, retain)
    answer = answers.get(timeout=10)
    leave(client)
    return answer


listener = connect("3.1.1", "listener", f"{ID}/+", host="localhost", port=1884)
print(f"{'':30}{'3.1.1':30}MQTT 5")
for what, topic, retain in ROWS:
    old, new = answer_to("3.1.1", topic, retain), answer_to("MQTT 5", topic, retain)
    print(f"{what:30}{old:30}{new}")
leave(listener)
