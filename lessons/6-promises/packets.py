"""Which packets does one message take? Nobody has subscribed to its topic."""

from lab import new_client, start, stop, topic, until
from plug import PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, Plug

NAMES = {PUBLISH: "PUBLISH", PUBACK: "PUBACK", PUBREC: "PUBREC", PUBREL: "PUBREL", PUBCOMP: "PUBCOMP"}
DISCONNECT = 14


def packets(qos):
    plug = Plug()
    sender = start(new_client("sender", qos), plug.address)
    sender.publish(topic(qos), "dark", qos).wait_for_publish()
    stop(sender)
    until(lambda: DISCONNECT in plug.passed)
    return [NAMES[kind] for kind in plug.passed if kind in NAMES]


for qos in (0, 1, 2):
    print(f"QoS {qos}:", *packets(qos))
