"""Three small functions that need no client."""

import paho.mqtt.client as mqtt

for subscription, topic in (
    ("nightlight/telemetry", "nightlight/telemetry"),
    ("nightlight/+", "nightlight/telemetry"),
    ("nightlight/*", "nightlight/telemetry"),
    ("nightlight/#", "nightlight"),
    ("#", "$SYS/broker/version"),
):
    print(f"{subscription} hears {topic}: {mqtt.topic_matches_sub(subscription, topic)}")

print(mqtt.connack_string(4))
print(mqtt.error_string(mqtt.MQTT_ERR_NO_CONN))
