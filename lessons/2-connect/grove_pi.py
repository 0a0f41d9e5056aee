from gpiozero import LED as GroveLed
from smbus2 import SMBus

HAT = 0x08  # where the hat answers on the I2C bus; an older one does at 0x04


class GroveLightSensor:
    def __init__(self, socket):
        self.bus = SMBus(1)
        self.register = 0x30 + socket

    @property
    def light(self):
        return self.bus.read_word_data(HAT, self.register)
