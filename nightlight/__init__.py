"""What the device and the server agree on: the messages, the rule, the connection, the options."""

__version__ = "1.0.0"
