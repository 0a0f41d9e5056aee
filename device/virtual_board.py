"""The virtual board: the CounterFit app, with a light sensor on pin 0 and an LED on pin 5 to begin with.

    python device/virtual_board.py --port 5000

It is CounterFit as it comes, except that its page does not need the Internet, and that it does not
print a line for each reading.
"""

import argparse
import os
import re
import socket
import sys
import warnings
from pathlib import Path

try:
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")  # nobody asks for names here, and it starts a quarter sooner
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eventlet warns of itself, but CounterFit cannot do without
        from CounterFit import counterfit
    from flask import Response, request
    from flask_bootstrap import Bootstrap5
    from werkzeug.exceptions import HTTPException
except ImportError as error:
    sys.exit(
        f"This Python ({sys.executable}) has no {error.name}. Is your virtual environment active? If it is:"
        f" pip install --no-deps -r {Path(__file__).resolve().parent.parent / 'lessons/requirements.txt'}"
    )

LIGHT_PIN, LED_PIN = 0, 5
LOCAL_STYLE = '<link rel="stylesheet" href="/bootstrap/static/css/bootstrap.min.css">'


def main() -> None:
    parser = argparse.ArgumentParser(description="CounterFit with a light sensor on pin 0 and an LED on pin 5.")
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 lets other machines in (default: this one only)")
    parser.add_argument("--port", type=int, default=5000)
    options = parser.parse_args()
    check_port(options.host, options.port)
    print(f"CounterFit is at http://{options.host}:{options.port}", flush=True)
    sys.stdout = open(os.devnull, "w")  # CounterFit prints a line for each reading, twenty a second

    Bootstrap5(counterfit.app)
    counterfit.app.after_request(use_local_bootstrap)
    counterfit.app.register_error_handler(Exception, say_in_one_line)
    create_sensor_and_led()
    try:
        counterfit.socketio.run(counterfit.app, host=options.host, port=options.port)
    except KeyboardInterrupt:
        pass


def check_port(host: str, port: int) -> None:
    """End with one line if this port cannot be used; two CounterFits would share it without a word."""
    try:
        with socket.socket() as trial:
            if os.name != "nt":
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what just ended does not count
            trial.bind((host, port))
    except (OSError, OverflowError) as error:
        sys.exit(f"CounterFit cannot use port {port} of {host} ({error}). Choose another --port.")


def create_sensor_and_led() -> None:
    """As a learner would on the page, before anybody looks."""
    page = counterfit.app.test_client()
    page.post("/create_sensor", json={"type": "Light", "pin": LIGHT_PIN, "unit": "NoUnits"})
    page.post("/create_actuator", json={"type": "LED", "port": LED_PIN})


def say_in_one_line(error: Exception) -> Response | HTTPException:
    """CounterFit would print a traceback, for example when a light of 5000 is set."""
    if isinstance(error, HTTPException):
        return error
    print(
        f"CounterFit cannot do that (is the value in the sensor's range?): {request.get_data()!r:.200}", file=sys.stderr
    )
    return Response("Not possible", status=400)


def use_local_bootstrap(response: Response) -> Response:
    """Take the page's style from this machine: its script is not used, and a classroom may have no Internet."""
    if response.mimetype == "text/html" and not response.direct_passthrough:
        page = response.get_data(as_text=True)
        page = re.sub(r"<link[^>]+/css/bootstrap\.min\.css[^>]+>", LOCAL_STYLE, page)
        page = re.sub(r"<script[^>]+/js/bootstrap\.bundle\.min\.js[^>]+></script>", "", page)
        response.set_data(page)
    return response


if __name__ == "__main__":
    main()
