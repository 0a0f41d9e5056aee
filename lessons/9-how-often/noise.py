"""What noise does to a deadband, and what a hysteresis does to noise:  python noise.py"""

from replay import delays, led
from ways import on_change, poll

WAYS = {"each 0.1 s": poll(0.1), "each 5 s": poll(5)}
for deadband in (2, 5, 8, 9, 10, 20, 50):
    WAYS[f"change of {deadband}"] = on_change(deadband)

print("                         hysteresis 0        hysteresis 20")
print("              readings   switches  worst     switches  worst")
for name, sent in WAYS.items():
    line = f"{name:13} {len(sent):8,}"
    for hysteresis in (0, 20):
        spans = led(sent, hysteresis)
        line += f"   {len(spans) - 1:8,} {max(delays(spans)):6.1f}  "
    print(line.rstrip())
