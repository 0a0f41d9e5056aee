"""A second broker on this machine, at another port."""

from iotcore import Broker

with Broker(port=1884, listen="127.0.0.1"):
    input("The broker is there. Press Enter to stop it.\n")
