"""A broker on this machine, for this machine alone."""

from iotcore import Broker

with Broker(port=1883, listen="127.0.0.1"):
    input("The broker is there. Press Enter to stop it.\n")
