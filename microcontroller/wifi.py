"""Wifi: joins the Wi-Fi of settings.py, and again when it is lost."""

import network
import settings


class Wifi:
    """Joining takes some seconds, in which nobody has to wait: ask `is_decided`, and go on."""

    def __init__(self):
        self._wlan = network.WLAN(network.STA_IF)
        self._wlan.active(True)
        self._wlan.config(pm=self._wlan.PM_NONE)  # it would save power, and keep a command back for a tenth of a second

    def is_there(self):
        """Whether we are in the network, with an address in it."""
        return self._wlan.isconnected()

    def is_decided(self):
        """Whether it is there, or has refused us. An ESP32 does not say that: it goes on trying."""
        return self._wlan.isconnected() or self._wlan.status() < 0

    def join(self):
        """Begin anew. An ESP32 that still tries by itself would raise an error, so it is told to leave first."""
        self._wlan.disconnect()
        self._wlan.connect(settings.WIFI, settings.WIFI_PASSWORD)
