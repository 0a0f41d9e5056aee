"""To connect to a domain whose name server tells where the broker is."""

import socket
import threading

import dns.message
import dns.resolver
import dns.rrset
import paho.mqtt.client as mqtt
from seat import BROKER

# A name server of our own, for one domain. A real one is run by the owner of the domain.
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))


def answer():
    while True:
        packet, sender = server.recvfrom(4096)
        question = dns.message.from_wire(packet)
        name = question.question[0].name
        print("name server: asked for", name)
        reply = dns.message.make_response(question)
        # time to live, class, type, then: priority, weight, port, host
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", "SRV", f"0 0 1883 {BROKER}."))
        server.sendto(reply.to_wire(), sender)


threading.Thread(target=answer, daemon=True).start()

# Without these three lines dnspython asks the name server that this machine always asks.
dns.resolver.default_resolver = dns.resolver.Resolver(configure=False)
dns.resolver.default_resolver.nameservers = ["127.0.0.1"]
dns.resolver.default_resolver.port = server.getsockname()[1]


def on_connect(client, userdata, flags, reason_code, properties):
    print("on_connect:", reason_code, "from port", client.port)
    client.disconnect()


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
client.on_connect = on_connect
client.connect_srv(domain="nightlight.test", keepalive=30, bind_address="0.0.0.0")
client.loop_forever()
