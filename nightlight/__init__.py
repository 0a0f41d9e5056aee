"""What the device and the server agree on: the messages, the rule, the connection, the options."""

from nightlight import packages

packages.check(("paho", "configargparse"))
