"""What is different from board to board. Fill it in, and copy it to the board. It holds passwords: no git commit."""

WIFI = "my-wifi"
WIFI_PASSWORD = "its password"

ID = "my-room"  # the device's; give the server the same with --id
BROKER = "192.168.1.20"  # where the broker is: numbers rather than a name (the README says why)
PORT = 1883

# For a locked broker PORT is 8883. From locked/devices/<id> copy the file ca.pem to the board.
CA = None  # "ca.pem"
USER = None  # what is in the file user
PASSWORD = None  # what is in the file password
TODAY = (2026, 11, 27)  # or later: without power a board forgets the date, and TLS looks whether certificates hold

LIGHT_PIN = 26  # an analog one: 26 to 28 on a Pico W; 32 to 39 on an ESP32
LED_PIN = 15  # on an ESP32: 25

THRESHOLD = 300  # the LED is on below it, when the device decides alone; light goes from 0 (dark) to 1023
HYSTERESIS = 0  # an LED that is on stays on until the light reaches THRESHOLD + HYSTERESIS
ALONE = 15  # seconds that a server may be silent; then the device decides alone

SAMPLE = 0.05  # seconds from one look at the light to the next
DEADBAND = 10  # a change of so much is reported at once
INTERVAL = 5  # seconds after which the light is reported in any case
