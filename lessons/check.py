"""Checks the scripts that you have written in the course: says in one screen what runs and what is wrong.

    python ../nightlight/lessons/check.py 4                    # in your own folder, after step 4
    python -m lessons.check 4 --folder ../nightlight-course    # in the project's folder

It runs your scripts of steps 1 to 4 on a broker and a board of its own, so it disturbs nobody.
Of the scripts of later steps it says whether they are there and how they differ from the course's.
A check is for the scripts as they are at the end of its step: after step 4, check 4.
Ends with status 0 if all is right, 1 if something is wrong.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import runpy
import shutil
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

try:
    import paho.mqtt.client as mqtt
    import requests
    from iotcore import Broker
    from paho.mqtt.enums import CallbackAPIVersion
except ImportError as error:
    sys.exit(
        f"{error.name} is not installed in this Python. Is your virtual environment active (step 1)? If it is:"
        " pip install --no-deps -r ../nightlight/lessons/requirements.txt"
    )

LESSONS = Path(__file__).resolve().parent
PATIENCE = 10.0
"""Seconds within which what a script should do has to happen. Who does all right waits much less."""

ON_THE_WAY = 1.0
"""Seconds that the last lines and messages of a script may take after its end."""

SLOW_NETWORK = 0.5
"""Seconds that a script's thread for the network needs until it begins."""

CONNECTED = "MQTT connected!"
AS_CLIENT = "\0client "
"""Begins the line in which a script that is watched says which client id it has."""


def main() -> int:
    if sys.argv[1:2] == ["--run"]:
        run(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
        return 0
    description, _, details = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        prog="check.py", description=description, epilog=details, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    numbers = sorted(int(step.name.partition("-")[0]) for step in LESSONS.glob("*-*"))
    parser.add_argument("step", type=int, choices=numbers, metavar="STEP", help=f"1 to {numbers[-1]}")
    parser.add_argument("--folder", type=Path, default=Path(), help="where your scripts are (default: here)")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if not folder.is_dir():
        parser.error(f"there is no folder {folder}")
    if folder == LESSONS.parent or LESSONS in folder.parents:
        parser.error(
            "this is the project itself. Go to your own folder (cd nightlight-course), or name it with --folder"
        )
    print(f"Step {options.step}, in {folder}\n")
    report = Report()
    step = next(LESSONS.glob(f"{options.step}-*"))
    sound = look_at_files(step, folder, report)
    seat = read_seat(folder, report)
    if seat and sound and options.step in CHECKS:
        with Laboratory(folder, seat, sound) as lab:
            CHECKS[options.step](lab, report)
    elif seat and options.step not in CHECKS:
        report.remark("", "The scripts of this step are not run here: the text says what they should show.")
    return report.end()


class Report:
    """What has been found: a line for each check, and remarks, which come last."""

    def __init__(self) -> None:
        self.found = self.wrong = 0
        self._asks = False
        self._remarks: list[tuple[str, str]] = []

    def check(self, what: str, is_right: bool, right: str, wrong: str) -> bool:
        self.found += 1
        self.wrong += not is_right
        say("ok" if is_right else "WRONG", what, right if is_right else wrong)
        return is_right

    def ask(self, what: str, words: str) -> None:
        """Something that may be wrong."""
        self._asks = True
        say("?", what, words)

    def remark(self, what: str, words: str) -> None:
        self._remarks.append((what, words))

    def end(self) -> int:
        for what, words in self._remarks:
            say("", what, words)
        if self.wrong:
            print(f"\n{self.wrong} of {self.found} wrong. Repair the first, then check again.")
        else:
            print("\nAll that was tried works." if self.found else "\nNothing was tried.", end="")
            print(" Look at the line with the question mark." if self._asks else "")
        return bool(self.wrong)


def say(mark: str, what: str, words: str) -> None:
    """In the width of the terminal."""
    before = f"{mark:6} {what:10} "
    width = max(60, min(110, shutil.get_terminal_size().columns))
    lines = textwrap.wrap(words, width - len(before), break_long_words=False, break_on_hyphens=False)
    print(before + ("\n" + " " * len(before)).join(lines), flush=True)


# ---- what can be seen without running anything ----


def look_at_files(step: Path, folder: Path, report: Report) -> set[str]:
    """Which of the step's scripts are there and are Python; with a remark where they differ from the course's."""
    sound = set()
    for wanted in sorted(step.glob("*.py")):
        if wanted.name in ("grove_pi.py", "broker.py", "seat.py"):  # for some readers only; and the learner's own
            continue
        file = folder / wanted.name
        if not file.exists():
            report.check(file.name, False, "", "is not there. Is this your folder, and is the file saved?")
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        try:
            compile(text, file.name, "exec")
        except (SyntaxError, ValueError) as error:
            line = f"line {error.lineno}: " if isinstance(error, SyntaxError) else ""
            report.check(file.name, False, "", f"is not Python: {line}{getattr(error, 'msg', error)}")
            continue
        sound.add(file.name)
        if difference := first_difference(wanted.read_text(encoding="utf-8"), text):
            report.remark(file.name, f"{difference} {PERHAPS}")
    return sound


PERHAPS = "(Perhaps you wanted that.)"


def first_difference(course: str, own: str) -> str:
    """In words; empty if there is none but in comments, in empty lines and in spaces at the ends of lines."""
    theirs, yours = (
        [(number, code) for number, line in enumerate(text.splitlines(), 1) if (code := code_of(line))]
        for text in (course, own)
    )
    matcher = difflib.SequenceMatcher(None, [line for _, line in theirs], [line for _, line in yours], autojunk=False)
    changes = [change for change in matcher.get_opcodes() if change[0] != "equal"]
    if not changes:
        return ""
    kind, begin, _, own_begin, _ = changes[0]
    if kind == "insert":
        return f"line {yours[own_begin][0]}, {yours[own_begin][1].strip()!r}, is not in the course."
    expected = theirs[begin][1]
    if kind == "delete":
        after = f"after line {yours[own_begin - 1][0]}" if own_begin else "at the top"
        return f"{after} the course has {expected.strip()!r}."
    number, found = yours[own_begin]
    if found.strip() == expected.strip():
        return (
            f"line {number}, {found.strip()!r}, has {spaces(found)} in front of it, in the course {spaces(expected)}."
        )
    return f"line {number} is {found.strip()!r}, in the course {expected.strip()!r}."


def spaces(line: str) -> str:
    count = len(line) - len(line.lstrip())
    return "no spaces" if not count else "1 space" if count == 1 else f"{count} spaces"


def code_of(line: str) -> str:
    return re.sub(r"(^|\s+)#.*", "", line).rstrip()


def read_seat(folder: Path, report: Report) -> tuple[str, str] | None:
    """ID and BROKER."""
    try:
        seat = runpy.run_path(str(folder / "seat.py"))
        name, broker = seat["ID"], seat["BROKER"]
    except FileNotFoundError:
        report.check("seat.py", False, "", "is not there: step 1 says what it has to contain")
        return None
    except KeyError as error:
        report.check("seat.py", False, "", f"has no {error.args[0]}")
        return None
    except SyntaxError as error:
        report.check("seat.py", False, "", f"is not Python: line {error.lineno}: {error.msg}")
        return None
    except Exception as error:  # it is the learner's
        report.check("seat.py", False, "", f"{type(error).__name__}: {error}")
        return None
    sound = isinstance(name, str) and re.fullmatch(r"[^+#/$\s][^+#\s]*", name) and isinstance(broker, str)
    if not report.check(
        "seat.py",
        bool(sound),
        f"ID is {name}, BROKER is {broker}",
        f"ID is {name!r}, BROKER is {broker!r}: both must be texts in quotation marks, the ID without +, # and spaces",
    ):
        return None
    if name == "my-room" and broker not in ("localhost", "127.0.0.1"):
        report.remark("seat.py", "Your ID is still my-room. On a broker for many, everybody needs a different one.")
    with suppress(OSError), socket.create_connection((broker, 1883), timeout=3):
        return name, broker
    report.ask("broker", f"nothing answers at {broker}, port 1883. This check has a broker of its own; you need yours")
    return name, broker


# ---- running the scripts ----


class Script:
    """One of the learner's scripts, running."""

    def __init__(self, folder: Path, name: str, broker_port: int, board_port: int, *arguments: str) -> None:
        self.name, self.folder = name, folder
        self.lines: list[str] = []
        self.client_id = ""
        command = [sys.executable, "-u", __file__, "--run", name, str(broker_port), str(board_port), *arguments]
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    def _listen(self) -> None:
        assert self._process.stdout
        with self._process.stdout as printed:
            for line in printed:
                if line.startswith(AS_CLIENT):
                    self.client_id = line.removeprefix(AS_CLIENT).strip()
                else:
                    self.lines.append(line.rstrip())

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def says(self, words: str, since: int = 0) -> bool:
        """Wait until a line has these words."""
        return wait_until(lambda: any(words in line for line in self.lines[since:]), self)

    @property
    def error(self) -> str:
        """What has gone wrong in it, in a line; empty if nothing has. In a callback it ends the network loop only."""
        ended = not self.is_running
        if ended:
            self._listening.join(PATIENCE)
        errors = [line for line in self.lines if re.match(r"[\w.]*(Error|Exception|Interrupt)\b", line)]
        if not errors or (ended and not self._process.returncode):
            return ""
        places = re.findall(rf'File ".*?{re.escape(self.name)}", line (\d+)', "\n".join(self.lines))
        place = f" in line {places[-1]}" if places else ""
        return f"{'ends with an error' if ended else 'has an error'}{place}: {errors[-1][:150]}"

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listening.join(PATIENCE)


class Laboratory:
    """A broker and a board for the learner's scripts, and a client that hears and says what a check needs."""

    def __init__(self, folder: Path, seat: tuple[str, str], scripts: set[str]) -> None:
        self.folder = folder
        self.scripts = scripts
        """Those that can be run."""
        self.client_ids: dict[str, str] = {}
        """By the script that has them."""
        self.id = seat[0]
        self._scripts: list[Script] = []
        self.heard: list[tuple[str, bytes]] = []

    def __enter__(self) -> Laboratory:
        self.broker_port, self.board_port = free_port(), free_port()
        self._broker = Broker(port=self.broker_port, listen="127.0.0.1")
        self._broker.__enter__()
        board = [sys.executable, str(LESSONS.parent / "device/virtual_board.py"), "--port", str(self.board_port)]
        self._board = subprocess.Popen(board, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="the-check")
        self._client.on_message = lambda _client, _data, message: self.heard.append(
            (message.topic, bytes(message.payload))
        )
        self._client.on_connect = lambda client, *_: client.subscribe("#")
        self._client.connect("127.0.0.1", self.broker_port)
        self._client.loop_start()
        if not wait_until(self._board_answers, seconds=60) or not wait_until(self._client.is_connected):
            raise SystemExit("The check's own board or broker does not start. Is a firewall in the way?")
        return self

    def __exit__(self, *_: object) -> None:
        self.end_scripts()
        self._client.disconnect()
        self._client.loop_stop()
        self._board.kill()
        self._board.wait()
        self._broker.__exit__(None, None, None)

    def end_scripts(self) -> None:
        for script in self._scripts:
            script.end()

    def start(self, name: str, *arguments: str) -> Script:
        script = Script(self.folder, name, self.broker_port, self.board_port, *arguments)
        self._scripts.append(script)
        return script

    def say(self, topic: str, payload: object) -> None:
        text = payload if isinstance(payload, str) else json.dumps(payload)
        self._client.publish(f"{self.id}/{topic}", text, qos=1).wait_for_publish(PATIENCE)

    def hears(self, topic: str, wanted: Callable[[Any], bool], script: Script, since: int = 0) -> bool:
        """Wait for a message on this topic below the id whose JSON is as wanted."""

        def has_come() -> bool:
            for name, payload in self.heard[since:]:
                with suppress(ValueError, TypeError, AttributeError, KeyError):
                    if name == f"{self.id}/{topic}" and wanted(json.loads(payload)):
                        return True
            return False

        return wait_until(has_come, script)

    def throw_out(self, client_id: str) -> None:
        """Have the broker end the connection of this client, by coming under its name, and go."""
        other = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id)
        other.connect("127.0.0.1", self.broker_port)
        other.loop_start()
        wait_until(other.is_connected)
        other.disconnect()
        other.loop_stop()

    def set_light(self, light: int) -> None:
        value = {"port": "0", "value": light, "is_random": False, "random_min": 0, "random_max": 1023}
        requests.post(self._url + "/integer_sensor_settings", json=value, timeout=PATIENCE).raise_for_status()

    def led_becomes(self, on: bool, script: Script) -> bool:
        return wait_until(lambda: self._led_on == on, script)

    def led_stays(self, on: bool, script: Script) -> bool:
        """For longer than it would take the device to measure and decide."""
        return not wait_until(lambda: self._led_on != on, script, seconds=2)

    @property
    def _led_on(self) -> bool:
        return 'id="ledTitleId5">LED on<' in requests.get(self._url, timeout=PATIENCE).text

    @property
    def _url(self) -> str:
        return f"http://127.0.0.1:{self.board_port}"

    def _board_answers(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(self._url, timeout=PATIENCE).ok
        return False


def wait_until(condition: Callable[[], bool], script: Script | None = None, seconds: float | None = None) -> bool:
    """Whether it comes true in time; it cannot any more when the script has ended a while ago."""
    end = time.monotonic() + (seconds or PATIENCE)
    while time.monotonic() < end:
        if condition():
            return True
        if script and not script.is_running:
            end, script = time.monotonic() + ON_THE_WAY, None
        time.sleep(0.05)
    return condition()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as trial:
        return int(trial.getsockname()[1])


def run(script: str, broker_port: int, board_port: int) -> None:
    """In the script's own process: run it, on the check's broker and board."""
    connect = mqtt.Client.connect

    def connect_here(self: mqtt.Client, *_: object, **__: object) -> Any:
        print(f"{AS_CLIENT}{self._client_id.decode()}", flush=True)
        return connect(self, "127.0.0.1", broker_port)

    loop_forever = mqtt.Client.loop_forever

    def loop_late(self: mqtt.Client, *arguments: Any, **options: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            time.sleep(SLOW_NETWORK)  # a script that does not wait for the network ends before
        return loop_forever(self, *arguments, **options)

    mqtt.Client.connect = connect_here  # type: ignore[method-assign]
    mqtt.Client.loop_forever = loop_late  # type: ignore[method-assign]
    with suppress(ImportError):
        from counterfit_connection import CounterFitConnection  # noqa: PLC0415 (not on a Pi)

        init = CounterFitConnection.init
        CounterFitConnection.init = lambda *_: init("127.0.0.1", board_port)
    sys.argv = [script, *sys.argv[5:]]
    sys.path[0] = ""
    runpy.run_path(script, run_name="__main__")


# ---- the steps ----


def check_talk(lab: Laboratory, report: Report) -> None:
    if "say.py" in lab.scripts:
        check_speaker(lab, report)
    if "listen.py" in lab.scripts:
        check_listener(lab, report)


def check_speaker(lab: Laboratory, report: Report) -> None:
    speaker = lab.start("say.py", "check", "hello")
    arrived = wait_until(lambda: (f"{lab.id}/check", b"hello") in lab.heard, speaker)
    wrong = (
        speaker.error or f"nothing arrives on {lab.id}/check. Look at the topic in publish(), and wait_for_publish()"
    )
    report.check("say.py", arrived, f"publishes on {lab.id}/check", wrong)


def check_listener(lab: Laboratory, report: Report) -> None:
    listener = lab.start("listen.py")

    def is_shown() -> bool:
        lab.say("check", "hello")  # again and again: listen.py does not say when it has subscribed
        time.sleep(0.2)
        return any(f"{lab.id}/check hello" in line for line in listener.lines)

    shown = wait_until(is_shown, listener)
    wrong = listener.error or f"does not print '{lab.id}/check hello'. Look at the topic, and at show()"
    report.check("listen.py", shown, f"shows what is published below {lab.id}", wrong)


def connects(script: Script, lab: Laboratory, report: Report) -> bool:
    """Whether it does, under a name of its own."""
    said = script.says(CONNECTED)
    wrong = script.error or (
        f"does not print {CONNECTED!r}. Is the loop started, and is there client.on_connect = handle_connect?"
    )
    if not report.check(script.name, said, f"connects, as {script.client_id or 'a client without a name'}", wrong):
        return False
    twins = [name for name, other in lab.client_ids.items() if other == script.client_id and name != script.name]
    if script.client_id and twins:
        wrong = f"and {twins[0]} have the same client_id, {script.client_id}: the broker lets only one of the two in"
        return report.check(script.name, False, "", wrong)
    lab.client_ids[script.name] = script.client_id
    if not script.client_id.startswith(lab.id):
        report.remark(
            script.name, "The client_id does not begin with your ID. On a broker for many, others may have it."
        )
    return True


def takes_its_time(script: Script, report: Report) -> bool:
    """Whether it measures about once a second."""
    since = len(script.lines)
    time.sleep(1.5)
    measured = sum("Light level" in line for line in script.lines[since:])
    wrong = f"measures {measured} times in 1.5 s. Is time.sleep(1) there, with four spaces in front of it?"
    return measured < 8 or report.check(script.name, False, "", wrong)


def check_board(lab: Laboratory, report: Report) -> None:
    lab.set_light(400)
    if "device.py" in lab.scripts:
        device = lab.start("device.py")
        if connects(device, lab, report) and takes_its_time(device, report):
            led_follows(lab, report, device)


def led_follows(lab: Laboratory, report: Report, device: Script) -> None:
    for light, on in ((100, True), (400, False), (299, True), (300, False)):
        lab.set_light(light)
        state = "on" if on else "off"
        wrong = device.error or f"with a light of {light} the LED does not go {state}. The rule is: on if light < 300"
        right = lab.led_becomes(on, device)
        if not right or light == 300:
            report.check("LED", right, "is on below 300, and off from 300 on", device.error or wrong)
        if not right:
            return


def telemetry_comes(lab: Laboratory, report: Report, device: Script) -> bool:
    lab.set_light(217)
    since = len(lab.heard)
    came = lab.hears("telemetry", lambda message: message["light"] == 217, device, since)
    topics = {topic for topic, _ in lab.heard[since:]}
    elsewhere = f" (it publishes on {', '.join(sorted(topics))})" if topics and not came else ""
    wrong = f'does not publish {{"light": 217}} on {lab.id}/telemetry when the light is 217{elsewhere}'
    return report.check(device.name, came, f"publishes its light on {lab.id}/telemetry", device.error or wrong)


def check_telemetry(lab: Laboratory, report: Report) -> None:
    if "device.py" in lab.scripts:
        device = lab.start("device.py")
        if connects(device, lab, report) and takes_its_time(device, report):
            telemetry_comes(lab, report, device)
        device.end()
    if "server.py" not in lab.scripts:
        return
    server = lab.start("server.py")
    if not connects(server, lab, report):
        return
    nothing = (
        f"does not print what comes on {lab.id}/telemetry. Are subscribe() and client.on_message there, and right?"
    )
    if not says_what_it_hears(lab, report, server, 417, f"prints what comes on {lab.id}/telemetry", nothing):
        return
    lab.say("telemetry", "hello")
    after = "after a message that is no JSON it hears nothing more. Is json.loads() inside of try?"
    if says_what_it_hears(lab, report, server, 418, "goes on after a message that is no JSON", after):
        lab.throw_out(server.client_id)
        again = "hears nothing after a new connection. Does it subscribe in handle_connect?"
        says_what_it_hears(lab, report, server, 419, "subscribes again after a new connection", again)


def says_what_it_hears(lab: Laboratory, report: Report, server: Script, light: int, right: str, wrong: str) -> bool:
    def is_said() -> bool:
        lab.say("telemetry", {"light": light})  # said again: the server may just be on its way back
        time.sleep(0.2)
        return any("Message received" in line and str(light) in line for line in server.lines)

    said = wait_until(is_said, server)
    return report.check(server.name, said, right, server.error or wrong)


def answers(lab: Laboratory, server: Script, light: int) -> bool:
    """Whether it answers this light with the right command."""
    since = len(lab.heard)

    def is_answered() -> bool:
        lab.say("telemetry", {"light": light})
        time.sleep(0.2)
        return any(
            topic == f"{lab.id}/commands" and json_of(payload) == {"led_on": light < 300}
            for topic, payload in lab.heard[since:]
        )

    return wait_until(is_answered, server)


def json_of(payload: bytes) -> object:
    with suppress(ValueError):
        return json.loads(payload)
    return None


def check_commands(lab: Laboratory, report: Report) -> None:
    if "server.py" in lab.scripts:
        server = lab.start("server.py")
        if connects(server, lab, report):
            check_answers(lab, report, server)
        server.end()
    if "device.py" in lab.scripts:
        device = lab.start("device.py")
        if (
            connects(device, lab, report)
            and takes_its_time(device, report)
            and telemetry_comes(lab, report, device)
            and obeys(lab, report, device)
            and "server.py" in lab.scripts
        ):
            lab.start("server.py").says(CONNECTED)
            led_follows(lab, report, device)


def check_answers(lab: Laboratory, report: Report, server: Script) -> None:
    right = all(answers(lab, server, light) for light in (100, 400, 299, 300))
    wrong = f'does not answer with {{"led_on": true}} below 300 and false from 300 on, on {lab.id}/commands'
    if report.check(server.name, right, f"answers on {lab.id}/commands", server.error or wrong):
        for nonsense in ("hello", '{"light": "dark"}', "{}", "[1]"):
            lab.say("telemetry", nonsense)
        goes_on = answers(lab, server, 101)
        wrong = "answers nothing more after a message that is no telemetry. What does its except catch?"
        if report.check(server.name, goes_on, "goes on after a message that is no telemetry", server.error or wrong):
            lab.throw_out(server.client_id)
            comes_back = answers(lab, server, 401)
            wrong = "answers nothing after a new connection. Does it subscribe in handle_connect?"
            report.check(server.name, comes_back, "answers again after a new connection", server.error or wrong)


def obeys(lab: Laboratory, report: Report, device: Script) -> bool:
    """Whether the LED does what commands say, and nothing else."""
    lab.set_light(400)
    lab.say("commands", "hello")
    lab.say("commands", "{}")
    right = True
    for on in (False, True):
        lab.say("commands", {"led_on": on})
        right = right and lab.led_becomes(on, device)
    stays = right and lab.led_stays(True, device)
    wrong = "the LED does not do what commands say. Are client.on_message = handle_command and subscribe() there?"
    if right and not stays:
        wrong = "the LED does not stay as commanded. Are the lines with 'if light < 300' still in the loop?"
    return report.check(device.name, stays, "obeys commands, also after a message that is none", device.error or wrong)


CHECKS: dict[int, Callable[[Laboratory, Report], None]] = {
    1: check_talk,
    2: check_board,
    3: check_telemetry,
    4: check_commands,
}
"""What is run, after which step."""


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nInterrupted.")
