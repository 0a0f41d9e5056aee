"""What all the experiments need: clients, waiting, counting, and a table."""

import time
from concurrent.futures import ThreadPoolExecutor

import paho.mqtt.client as mqtt
from seat import BROKER, ID


def topic(qos):
    return f"{ID}/promises/qos-{qos}"  # one for each column of the table


def new_client(name, qos, clean_session=True):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, f"{ID}-{name}-{qos}", clean_session=clean_session)
    client.reconnect_delay_set(0)  # come back at once
    return client


def start(client, address=(BROKER, 1883), keepalive=60):
    client.connect(*address, keepalive)
    client.loop_start()
    until(client.is_connected)
    return client


def stop(*clients):
    for client in clients:
        client.disconnect()
        client.loop_stop()


def start_receiver(qos, address=(BROKER, 1883), clean_session=True):
    receiver = new_client("receiver", qos, clean_session)
    receiver.arrived = []
    receiver.subscribed = 0

    def on_connect(client, userdata, flags, reason_code, properties):
        client.subscribe(topic(qos), qos)

    def on_subscribe(client, userdata, mid, reason_codes, properties):
        receiver.subscribed += 1

    def on_message(client, userdata, message):
        receiver.arrived.append(message)

    receiver.on_connect, receiver.on_subscribe, receiver.on_message = on_connect, on_subscribe, on_message
    start(receiver, address)
    until(lambda: receiver.subscribed)
    return receiver


def publish(qos, payload, retain=False):
    """A message from a client whose plug nobody pulls."""
    client = start(new_client("bystander", qos))
    client.publish(topic(qos), payload, qos, retain).wait_for_publish()
    stop(client)


def what_arrived(receiver, qos):
    """All messages up to one that is sent now: what has not come before it never will."""
    publish(qos, "the last")
    until(lambda: receiver.arrived and receiver.arrived[-1].payload == b"the last")
    stop(receiver)
    return receiver.arrived[:-1]


def how_often(receiver, qos):
    return ("never", "once", "twice")[len(what_arrived(receiver, qos))]


def until(condition):
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("This took too long. Is the broker still running?")
        time.sleep(0.005)


def print_table(rows):
    """A row is what happens, and the experiment. The three columns run at the same time."""
    print(f"{'':55}QoS 0  QoS 1        QoS 2")
    for what_happens, experiment in rows.items():
        with ThreadPoolExecutor() as threads:
            cells = list(threads.map(experiment, (0, 1, 2)))
        print(f"{what_happens:55}{cells[0]:<7}{cells[1]:<13}{cells[2]}")
