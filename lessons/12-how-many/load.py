"""Publishes readings for two seconds at each rate, and measures how long the answers take:  python load.py RATE..."""

import atexit
import subprocess
import sys
import threading
import time
from operator import sub

from seat import BROKER, ID

# Mosquitto's own tools, since they are fast. A script with paho-mqtt would reach its limit before the server does.
speak = ["mosquitto_pub", "-h", BROKER, "-i", f"{ID}-load", "-t", f"{ID}/seat/telemetry", "-l"]
listen = ["mosquitto_sub", "-h", BROKER, "-i", f"{ID}-load-listener", "-t", f"{ID}/seat/commands"]
speaker = subprocess.Popen(speak, stdin=subprocess.PIPE, text=True)
listener = subprocess.Popen(listen, stdout=subprocess.PIPE, text=True)
atexit.register(speaker.terminate)
atexit.register(listener.terminate)
sent, answered = [], []  # when each reading was published, and when each answer came


def note_answers():
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


threading.Thread(target=note_answers, daemon=True).start()
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
