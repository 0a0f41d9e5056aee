import paho.mqtt.client as mqtt

print(mqtt.topic_matches_sub("my-room/+/telemetry", "my-room/seat/telemetry"))
print(mqtt.topic_matches_sub("$share/room/my-room/+/telemetry", "my-room/seat/telemetry"))
