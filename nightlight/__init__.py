"""What the device and the server agree on: the messages, the rule, the connection, the options."""

from nightlight import packages

packages.check({"paho-mqtt 2": "paho.mqtt.enums", "ConfigArgParse": "configargparse"})
