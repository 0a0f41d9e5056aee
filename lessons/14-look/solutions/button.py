import json

import paho.mqtt.client as mqtt
from nicegui import ui
from seat import BROKER, ID

news = {"light": "?", "led": "?", "status": "?"}  # the newest of each


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
        elif message.topic == f"{ID}/led":
            news["led"] = "on" if json.loads(message.payload)["led_on"] else "off"
        elif message.topic == f"{ID}/status":
            news["status"] = message.payload.decode()
    except (ValueError, KeyError, TypeError):
        print("Not for this page:", message.payload)


def wish(led_on):
    client.publish(f"{ID}/override", json.dumps({"led_on": led_on}), retain=True)


def page():
    ui.button("LED ON", on_click=lambda: wish(True))
    ui.button("LED OFF", on_click=lambda: wish(False))
    ui.button("AUTO", on_click=lambda: wish(None))
    ui.label().bind_text_from(news, "light", lambda light: f"Light: {light}")
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
