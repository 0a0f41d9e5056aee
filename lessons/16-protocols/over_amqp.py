"""The nightlight over AMQP: what somebody has to say waits in a queue at the broker."""

import json
import threading
import time

import pika
from seat import ID

ADDRESS = "127.0.0.1", 5672
PUSHES = True
TELEMETRY, COMMANDS = f"{ID}.telemetry", f"{ID}.commands"
ON_DISK = pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent)
readings = []


class Client:
    def __init__(self, port, hears):
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", port))
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()  # the broker says when it has a message
        for queue in TELEMETRY, COMMANDS:
            self.channel.queue_declare(queue, durable=True)
        self.channel.basic_consume(hears, self.on_message)

    def on_message(self, channel, method, properties, body):
        self.hear(json.loads(body))
        channel.basic_ack(method.delivery_tag)  # only now the queue forgets it

    def publish(self, queue, what):
        self.channel.basic_publish("", queue, json.dumps(what), ON_DISK)


class Server(Client):
    def __init__(self):
        super().__init__(5672, TELEMETRY)
        self.thread = threading.Thread(target=self.channel.start_consuming, daemon=True)
        self.thread.start()

    def hear(self, telemetry):
        readings.append(telemetry["light"])
        self.publish(COMMANDS, {"led_on": telemetry["light"] < 300})

    def command(self, led_on):  # pika lets only the thread of a connection publish there
        self.connection.add_callback_threadsafe(lambda: self.publish(COMMANDS, {"led_on": led_on}))

    def stop(self):
        self.connection.add_callback_threadsafe(self.channel.stop_consuming)
        self.thread.join()
        self.connection.close()


class Device(Client):
    def __init__(self, port):
        self.heard = []
        super().__init__(port, COMMANDS)

    def hear(self, command):
        self.heard.append(command)

    def send(self, light):
        self.publish(TELEMETRY, {"light": light})

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while not self.heard and time.monotonic() < end:
            self.connection.process_data_events(0.1)
        return self.heard.pop(0) if self.heard else None

    def silence(self, plug):
        """Bytes in a day without a command: every 30 s a heartbeat each way (AMQP 0-9-1 section 4.2.7)."""
        return 2880 * (8 + 8)

    def stop(self):
        if self.connection.is_open:
            self.connection.close()


def forget():
    connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1"))
    for queue in TELEMETRY, COMMANDS:
        connection.channel().queue_delete(queue)
    connection.close()


DEVICES = {"AMQP, durable queue": Device}
