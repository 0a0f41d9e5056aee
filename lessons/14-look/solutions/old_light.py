import json
import time

import paho.mqtt.client as mqtt
from nicegui import ui
from seat import BROKER, ID

OLD = 10  # seconds: twice as long as the device waits between two readings
news = {"light": "?", "led": "?", "status": "?", "came": 0}  # the newest of each, and when the light came


def handle_connect(client, userdata, flags, reason, properties):
    if reason.is_failure:
        print("The broker refuses us:", reason)
    else:
        print("MQTT connected!")
        client.subscribe(f"{ID}/+")


def handle_disconnect(client, userdata, flags, reason, properties):
    news["status"] = "unknown, no connection to the broker"


def handle_message(client, userdata, message):
    try:
        if message.topic == f"{ID}/telemetry":
            news["light"] = json.loads(message.payload)["light"]
            news["came"] = time.monotonic()
        elif message.topic == f"{ID}/led":
            news["led"] = "on" if json.loads(message.payload)["led_on"] else "off"
        elif message.topic == f"{ID}/status":
            news["status"] = message.payload.decode()
    except (ValueError, KeyError, TypeError):
        print("Not for this page:", message.payload)


def light_line(light):
    return f"Light: {light} (old)" if time.monotonic() - news["came"] > OLD else f"Light: {light}"


def page():
    ui.label().bind_text_from(news, "light", light_line)
    ui.label().bind_text_from(news, "led", lambda led: f"LED: {led}")
    ui.label().bind_text_from(news, "status", lambda status: f"Device: {status}")
    ui.label("(old news)").bind_visibility_from(news, "status", lambda status: status != "online")


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{ID}-page")
client.on_connect = handle_connect
client.on_disconnect = handle_disconnect
client.on_message = handle_message
client.connect(BROKER)
client.loop_start()
ui.run(page, host="127.0.0.1", port=8081, show=False, reload=False)
