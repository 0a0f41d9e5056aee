"""Publishes readings, for two seconds at each rate, and looks when they are answered:  python load.py RATE..."""

import atexit
import subprocess
import sys
import threading
import time
from operator import sub

# Mosquitto's own tools, since they are fast. A script with paho-mqtt would be at its limit before the server is.
speaker = subprocess.Popen(["mosquitto_pub", "-t", "seat/telemetry", "-l"], stdin=subprocess.PIPE, text=True)
listener = subprocess.Popen(["mosquitto_sub", "-t", "seat/commands"], stdout=subprocess.PIPE, text=True)
atexit.register(speaker.terminate)
atexit.register(listener.terminate)
sent, answered = [], []  # when each reading was published, and when each answer came


def listen():
    for _ in listener.stdout:
        answered.append(time.monotonic())


def publish(how_many):
    sent.extend([time.monotonic()] * how_many)
    speaker.stdin.write('{"light": 80}\n' * how_many)
    speaker.stdin.flush()


def publish_at(rate):
    begin = time.monotonic()
    while len(sent) < 2 * rate:
        due = int((time.monotonic() - begin) * rate) + 1
        publish(min(due, 2 * rate) - len(sent))
        time.sleep(0.01)


threading.Thread(target=listen, daemon=True).start()
while not answered or time.monotonic() < answered[-1] + 0.4:  # until a worker answers, and has nothing else to do
    if not answered:
        publish(1)
    time.sleep(0.5)

print("offered/s   answered   longest wait")
for rate in map(int, sys.argv[1:]):
    sent.clear()
    answered.clear()
    publish_at(rate)
    while len(answered) < len(sent) and time.monotonic() < sent[-1] + 2:
        time.sleep(0.05)
    time.sleep(0.2)  # is there one too many?
    speed = len(answered) / (answered[-1] - sent[0])
    longest = max(map(sub, answered, sent))
    verdict = "keeps up" if longest < 0.75 else "falls behind"
    if len(answered) > len(sent):
        verdict = "more answers than readings"
    elif len(answered) < len(sent) and time.monotonic() > answered[-1] + 1.5:  # no more will come
        verdict = f"{len(sent) - len(answered)} of {len(sent)} without an answer"
    print(f"{rate:9} {speed:8.0f}/s         {longest:4.2f} s   {verdict}")
    if verdict == "falls behind":
        break  # it would only get worse
print("Done.")
