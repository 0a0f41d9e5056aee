"""What is different from board to board. Fill it in, and copy it to the board: mpremote cp settings.py :"""

WIFI = "my-wifi"
WIFI_PASSWORD = "its password"

ID = "my-room"  # the device's; the server gets the same with --id
BROKER = "192.168.1.20"  # where the broker is: numbers rather than a name (the README says why)
PORT = 1883

# A locked broker has port 8883. Copy ca.pem from locked/devices/<id>, and write here what is in its other files.
CA = None  # "ca.pem"
USER = None
PASSWORD = None
TODAY = (2026, 11, 27)  # or later: without power a board forgets the date, and TLS looks whether certificates hold

LIGHT_PIN = 26  # Pico W: 26, 27 or 28; ESP32: 32 to 39
LED_PIN = 15

THRESHOLD = 300  # for deciding alone: the LED is on below it; 0 (dark) to 1023
HYSTERESIS = 0  # once on, it stays on until the light reaches THRESHOLD + HYSTERESIS
ALONE = 15  # seconds without a command after which the device decides alone

INTERVAL = 5  # seconds: a reading at least so often
SAMPLE = 0.05  # seconds: a look at the light so often
DEADBAND = 10  # a change of so much is reported at once
