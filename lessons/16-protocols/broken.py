"""Three messages, and somebody is away. How many arrive?  python broken.py http mqtt"""

import time
from concurrent.futures import ThreadPoolExecutor

from plug import Plug
from ways import ways


def device_is_away(server, new_device, port):
    new_device(port).stop()
    for led_on in True, False, True:
        server.command(led_on)
    device, commands = new_device(port), 0
    while device.wait(1):
        commands += 1
    return device, commands


def send(device, lights):
    """How often the device is told that something is wrong."""
    errors = 0
    for light in lights:
        try:
            device.send(light)
        except Exception:
            errors += 1
        time.sleep(0.1)
    return errors


def arrived(readings, lights, errors):
    """How many of these the server has, each counted once: paho-mqtt may take a second until it connects again."""
    end = time.monotonic() + 2.5
    while len(set(lights) & set(readings)) + errors < len(lights) and time.monotonic() < end:
        time.sleep(0.05)
    return f"{len(set(lights) & set(readings))}" + f", {errors} errors" * bool(errors)


def try_out(way):
    lines, server = [], way.Server()
    for title, new_device in way.DEVICES.items():
        plug = Plug(*way.ADDRESS)
        device, commands = device_is_away(server, new_device, plug.port)

        way.readings.clear()
        server.stop()
        errors = send(device, [80, 81, 82])
        server = way.Server()
        without_server = arrived(way.readings, [80, 81, 82], errors)

        plug.pull()
        errors = send(device, [90, 91, 92])
        plug.put_back()
        without_network = arrived(way.readings, [90, 91, 92], errors)

        device.stop()
        lines.append(f"{title:34}{commands:<13}{without_server:13}{without_network}")
    server.stop()
    way.forget()
    return lines


print(f"{'3 messages; how many arrive, if':34}the device   the server   the network is away")
with ThreadPoolExecutor() as threads:  # the protocols all at the same time
    for lines in threads.map(try_out, ways()):
        print(*lines, sep="\n")
