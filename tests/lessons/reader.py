"""The reader: follows the texts of the course word for word, and notices what is not as the text says.

    .venv/bin/python -m tests.lessons.reader lessons/4-commands
    .venv/bin/python -m tests.lessons.reader lessons/4-commands/solutions.md
    .venv/bin/python -m tests.lessons.reader --install lessons/1-broker lessons/2-connect

It writes each file that a text lists, types each command into the terminal that the text names, and compares
what that terminal shows with the text. What it understands:

    ```python NAME      (or another language) write this file
    ```sh TERMINAL      type these commands, each when the one before has ended well
    ```sh TERMINAL needed    the same, unless a program runs there already: one from the step before
    ```sh TERMINAL again     the same, after ending the program that runs there, if one does
    ```output TERMINAL  wait until the terminal shows these lines, and no others; `...` stands for any lines
    **A sentence.**     do or watch what it says; INSTRUCTIONS has those that it knows
    <!-- the reader: skip -->    leave out the next block: it is for other machines
    <!-- the reader: broker.py -->    leave it out unless the broker is broker.py

Times, rates (20/s), ids that are drawn by lot, ports that the system chooses and Mosquitto's version need not be
those of the text. Lines that a program has shown before may come again meanwhile, except in a block marked `once`. In
one marked `unordered`, the lines may come in any order: two threads print them.

Several texts are followed as by a reader who leaves everything running in between. Those that begin with step 1 begin
with an empty folder; all others with what step 1 has left there, and solutions with the files of their step as well.

It works in a network of its own, so that ports 1883 and 5000 are those of the text. A broker runs there from the
beginning, as a service does on Debian, or, with --broker-py, step 1's broker.py. There is no PyPI in it: pip
finds everything in this virtual environment, or, with --install, installs for real what was fetched before. Nor is
there npm's registry: npm takes from its cache what was fetched before.

What a text opens in a browser, it opens in Chromium.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import requests

from tests.kit import markdown, own_network
from tests.kit.boards import CounterFitPage
from tests.kit.markdown import Piece
from tests.kit.programs import ROOT, answers, until
from tests.kit.terminal import Terminal

if TYPE_CHECKING:
    from tests.lessons.browser import Browser

PATIENCE = 120.0
"""Seconds after which something that the text promises is given up. Only failures take that long."""

LOOK = 1.0
"""Seconds for which something is looked at that is to stay as it is."""

COURSE = "nightlight-course"
"""The folder that step 1 has the learner make, and in which all further terminals are opened."""

FIRST_STEP = ROOT / "lessons/1-broker"

RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""Debian's. The one in /usr/sbin wants to be root, and becomes the user rabbitmq."""

SKIP, ONLY_BROKER_PY = "the reader: skip", "the reader: broker.py"

NPM_CACHE = Path.home() / ".npm"
"""Where npm keeps what it has fetched."""

LOOSE = [
    (r"\d{2}:\d{2}:\d{2}", "<time>"),
    (r"\b\d{10}\b", "<time>"),
    (r"\bmosquitto version \S+", "mosquitto version <version>"),
    (r"\b[0-9a-f]{8,}\b|\bauto-[0-9A-F-]+", "<id>"),
    (r"\b[3-6]\d{4}\b", "<port>"),
    (r"\b\d+(\.\d+)? (ms|s)\b", "<duration>"),
    (r"\b\d+/s\b", "<rate>"),
    (r'File ".*[/\\]', 'File "'),
]
"""What may differ from run to run."""


class NotAsWritten(Exception):
    """Something is not as the text says."""


class Reader:
    """Somebody who works through texts in one folder, `home`."""

    def __init__(self, home: Path, packages: Path | None = None, notes: Path | None = None) -> None:
        self.home = home
        self._packages = packages
        """Where pip finds what it is to install; None if all is there already."""
        self._notes = notes
        self._terminals: dict[str, Terminal] = {}
        self._read: dict[str, int] = {}
        """How many lines of each terminal the text has shown so far."""
        self._starting = ""
        """The terminal in which a program has just been started."""
        self._known: dict[str, set[str]] = {}
        """The lines that the program running in each terminal has been seen to show."""
        self._forgiven: set[tuple[str, int]] = set()
        """The commands that may fail: the text has shown what they say then."""
        self._shown_whole: set[str] = set()
        """The terminals whose last program may show nothing after what the text shows of it."""
        self.counterfit = CounterFitPage(5000)
        self._service: Service | None = None
        """The broker, if it runs without a terminal."""
        self._rabbitmq: RabbitMQ | None = None
        self._browser: Browser | None = None
        """None until the text opens one: most do not."""
        self.shown: dict[str, list[str]] = {}
        """All that the terminals showed, when they were closed."""

    # ---- following a text ----

    def begin(self) -> None:
        """Have a broker run as a service. Otherwise it is broker.py, in the terminal *broker*."""
        self._service = Service(self.home)
        self._service.start()

    def follow(self, text: Path, only: str = "") -> None:
        """The whole text, or what comes before its first "Experiment" and the one with these words.

        NotAsWritten, with the line of the text, if something is not as it says.
        """
        lesson = text.parent
        skip = False
        for piece in pieces_of(text, only):
            try:
                if piece.kind == "comment":
                    skip = piece.text == SKIP or (piece.text == ONLY_BROKER_PY and self._service is not None)
                elif piece.kind == "block":
                    if not skip:
                        self._do_block(lesson, piece)
                    skip = False
                elif piece.kind == "bold" and piece.text.endswith("."):
                    self._do_sentence(piece.text)
            except (NotAsWritten, AssertionError, OSError, requests.RequestException) as error:
                raise NotAsWritten(
                    f"{text.relative_to(ROOT) if text.is_relative_to(ROOT) else text}:{piece.line}: {error}"
                ) from error

    def leave(self) -> None:
        """Close all terminals. NotAsWritten if a command has failed there, or said more than the text."""
        for name in list(self._terminals):
            self._starting = name
            self._let_settle()
            self._close(name)

    def _do_block(self, lesson: Path, block: Piece) -> None:
        kind, name, *how = [*block.info, "", ""]
        if kind == "sh" and name:
            self._let_settle()
            if "needed" in how and name in self._terminals and self._terminals[name].is_busy:
                return
            if "again" in how and self._terminal(name).is_busy:
                self._press_ctrl("C", name)
            self._terminal(name)
            self._end_of_command(name)
            self._read[name], self._known[name] = len(self._terminal(name).lines), set()
            self._shown_whole.discard(name)
            for command in commands_in(block.text):
                self._end_of_command(name)
                self._terminal(name).type(command)
            self._starting = name
        elif kind == "output" and name:
            expected = block.text.splitlines()
            if "unordered" in how:
                self._compare_unordered(name, expected)
            else:
                self._compare(name, expected, once="once" in how)
        elif name and kind not in ("sh", "output"):
            if (lesson / name).exists() and block.text.rstrip() != (lesson / name).read_text().rstrip():
                raise NotAsWritten(f"the text's {name} is not that of its folder")
            (self.folder / name).write_text(block.text)

    @property
    def folder(self) -> Path:
        """Where the learner works: in step 1 there is nothing yet."""
        return self.home / COURSE if (self.home / COURSE).exists() else self.home

    def _do_sentence(self, sentence: str) -> None:
        self._let_settle()
        for pattern, action in INSTRUCTIONS.items():
            if found := re.fullmatch(pattern, sentence):
                action(self, *found.groups())
                return
        raise NotAsWritten(f"nobody has taught the reader this sentence: {sentence}")

    # ---- terminals ----

    def _terminal(self, name: str) -> Terminal:
        """The one of this name; opened, with the virtual environment active, if the text has not used it yet."""
        if name not in self._terminals:
            environment = self._environment()
            terminal = self._terminals[name] = Terminal(self.folder, environment)
            terminal.wait(PATIENCE)
            if (self.folder / ".venv").exists():
                terminal.type("source .venv/bin/activate")
                terminal.wait(PATIENCE)
            self._read[name], self._known[name] = len(terminal.lines), set()
        return self._terminals[name]

    def _environment(self) -> dict[str, str]:
        """As bare as that of somebody who has just logged in."""
        paths = [str(self.home / "bin"), "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"]
        environment = {
            "HOME": str(self.home),
            "PATH": os.pathsep.join(paths),
            "LC_ALL": "C.UTF-8",
            "VIRTUAL_ENV_DISABLE_PROMPT": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "npm_config_cache": str(NPM_CACHE),
            "npm_config_offline": "true",
        }
        if self._packages:
            return environment | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self._packages)}
        ours = [path for path in sys.path if path.endswith("site-packages")]
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        if self._notes:
            environment["NOTES"] = str(self._notes)
            ours = [str(ROOT / "tests/lessons/noting"), *ours]
        return environment | {"PYTHONPATH": os.pathsep.join(ours)}

    def _let_settle(self) -> None:
        """Give a program that has just been started, and of which the text shows nothing, the time that a person would.

        That is until no process has had anything to do for a while.
        """
        starting = self._terminals.get(self._starting)
        self._starting = ""
        if not starting:
            return
        quiet_since = deadline = time.monotonic()
        while starting.is_busy and time.monotonic() - quiet_since < 0.3 and time.monotonic() - deadline < PATIENCE:
            if any(is_at_work(process) for process in psutil.Process().children(recursive=True)):
                quiet_since = time.monotonic()
            time.sleep(0.02)

    def _end_of_command(self, name: str) -> None:
        """Wait for it. NotAsWritten if it failed, unless the text says so."""
        terminal = self._terminals[name]
        status = terminal.wait(600 if self._packages else PATIENCE)
        if status not in (0, 130) and (name, len(terminal.statuses)) not in self._forgiven:
            shown = "\n".join(terminal.lines[self._read[name] :][-15:])
            raise NotAsWritten(f"a command in {name} fails with status {status}:\n{shown}")
        more = terminal.lines[self._read[name] :]
        if name in self._shown_whole and any(more):
            raise NotAsWritten(f"{name} shows more than the text:\n    " + "\n    ".join(more[:8]))

    def _compare(self, name: str, expected: list[str], once: bool) -> None:
        """Wait until the terminal shows what is expected."""
        if name not in self._terminals:
            raise NotAsWritten(f"there is no terminal {name} yet")
        terminal, known = self._terminals[name], self._known[name]
        position, anything = self._read[name], False
        for line in expected:
            if line.strip() == "...":
                anything = True
                continue
            deadline = time.monotonic() + PATIENCE
            while True:
                if position < len(terminal.lines):
                    shown = loosely(terminal.lines[position])
                    position += 1
                    if shown == loosely(line):
                        break
                    if not anything and (once or shown not in known):
                        raise NotAsWritten(
                            f"{name} shows\n    {terminal.lines[position - 1]}\nwhere the text says\n    {line}"
                        )
                elif time.monotonic() > deadline or not (terminal.is_busy or position < len(terminal.lines)):
                    after = "\n    ".join(terminal.lines[-8:])
                    raise NotAsWritten(f"{name} does not show\n    {line}\nbut at the end\n    {after}")
                else:
                    time.sleep(0.02)
            known.add(loosely(line))
            anything = False
        self._read[name] = position if not anything else max(position, len(terminal.lines))
        (self._shown_whole.discard if anything else self._shown_whole.add)(name)
        self._forgiven.add((name, len(terminal.statuses) + terminal.is_busy))
        self._starting = "" if self._starting == name else self._starting

    def _compare_unordered(self, name: str, expected: list[str]) -> None:
        """Sort what is expected as the terminal shows it."""
        terminal, position = self._terminals[name], self._read[name]
        missing, ordered = [loosely(line) for line in expected], []
        deadline = time.monotonic() + PATIENCE
        while missing and time.monotonic() < deadline:
            for line in terminal.lines[position:]:
                position += 1
                if loosely(line) in missing:
                    missing.remove(loosely(line))
                    ordered.append(line)
            time.sleep(0.02)
        self._compare(name, ordered + missing, once=False)

    def _press_ctrl(self, key: str, name: str) -> None:
        terminal = self._terminal(name)
        if not terminal.is_busy:
            raise NotAsWritten(f"nothing runs in {name}; at the end it said {terminal.lines[-3:]}")
        self._shown_whole.discard(name)
        (terminal.press_ctrl_c if key == "C" else terminal.press_ctrl_backslash)()
        try:
            terminal.wait(PATIENCE)
        except AssertionError:
            raise NotAsWritten(f"{name} goes on after Ctrl+{key}; at the end it said {terminal.lines[-5:]}") from None
        self._forgiven.add((name, len(terminal.statuses)))

    def _press_enter(self, name: str) -> None:
        self._terminal(name).press_enter()
        self._end_of_command(name)

    def _close(self, name: str) -> None:
        terminal = self._terminals[name]
        try:
            if not terminal.is_busy:
                self._end_of_command(name)
        finally:
            terminal.close()
            self.shown[name] = terminal.lines
            del self._terminals[name]

    def close(self) -> None:
        """Close whatever is still open."""
        for name in list(self._terminals):
            with suppress(NotAsWritten, AssertionError):
                self._close(name)
        self.counterfit.close()
        if self._service:
            self._service.stop()
        self.stop_rabbitmq()
        if self._browser:
            self._browser.close()
            self._browser = None

    # ---- what the bold sentences say ----

    def stop_broker(self) -> None:
        if self._service:
            self._service.stop()
        else:
            self._press_enter("broker")

    def start_broker(self) -> None:
        if self._service:
            self._service.start()
        else:
            self._terminal("broker").type("python broker.py")
            until(lambda: answers(1883), "broker.py's start", PATIENCE)

    def start_rabbitmq(self) -> None:
        self._rabbitmq = RabbitMQ(self.home)

    def stop_rabbitmq(self) -> None:
        if self._rabbitmq:
            self._rabbitmq.stop()
            self._rabbitmq = None

    def _led_is(self, state: str, seconds: str | None = None) -> None:
        """Wait for it, and look again: by then it would have followed the light, if that is what happens."""
        self.counterfit.led_becomes(state == "on", float(seconds or PATIENCE))
        time.sleep(1.2)
        if self.counterfit.led_on != (state == "on"):
            raise NotAsWritten(f"the LED is {state}, but not for long")

    def _led_stays(self, state: str) -> None:
        """Look at it for a while."""
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            if self.counterfit.led_on != (state == "on"):
                raise NotAsWritten(f"the LED does not stay {state}")
            time.sleep(0.1)

    def _set_light(self, light: str) -> None:
        self.counterfit.set_light(int(light))

    def _open_page(self, address: str) -> None:
        if not self._browser:
            from tests.lessons.browser import Browser  # noqa: PLC0415 (it takes long, and few texts need it)

            self._browser = Browser(self.home / "browser")
        self._browser.open(address)

    @property
    def _page(self) -> Browser:
        if not self._browser:
            raise NotAsWritten("there is no browser yet")
        return self._browser


INSTRUCTIONS: dict[str, Callable[..., None]] = {
    r"Press Ctrl\+(C|\\) in (\w+)\.": Reader._press_ctrl,
    r"Press Enter in (\w+)\.": Reader._press_enter,
    r"Close the terminal (\w+)\.": Reader._close,
    r"Wait (\d+) seconds\.": lambda _, seconds: time.sleep(int(seconds)),
    r"Stop the broker\.": Reader.stop_broker,
    r"Start the broker\.": Reader.start_broker,
    r"Start RabbitMQ\.": Reader.start_rabbitmq,
    r"Stop RabbitMQ\.": Reader.stop_rabbitmq,
    r"Set the light to (\d+)\.": Reader._set_light,
    r"The LED is (on|off)(?: within (\d+) seconds)?\.": Reader._led_is,
    r"The LED stays (on|off)\.": Reader._led_stays,
    r"Open (http://\S+) in a browser\.": Reader._open_page,
    r"The page says (.+)\.": lambda reader, line: reader._page.wait_for(line, PATIENCE),
    r"The page still says (.+)\.": lambda reader, line: reader._page.stays(line, LOOK),
    r"The page no longer says (.+)\.": lambda reader, line: reader._page.lacks(line, PATIENCE),
    r"Press (.+) on the page\.": lambda reader, button: reader._page.press(button),
}
"""The sentences in bold that the reader knows, and what it does then."""


class Service:
    """A broker as Debian's mosquitto.service runs it: for this machine only, without a terminal."""

    def __init__(self, home: Path) -> None:
        self._config = home / "service.conf"
        state = home / "service"
        state.mkdir(exist_ok=True)
        user = "user root\n" if os.geteuid() == 0 else ""
        self._config.write_text(f"persistence true\npersistence_location {state}/\n{user}")
        self._mosquitto: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._mosquitto:
            raise NotAsWritten("the broker runs already")
        command = [shutil.which("mosquitto", path="/usr/local/sbin:/usr/sbin:/usr/bin") or "mosquitto"]
        self._mosquitto = subprocess.Popen(
            [*command, "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(lambda: answers(1883), "the broker's start", PATIENCE)

    def stop(self) -> None:
        if self._mosquitto:
            self._mosquitto.terminate()
            self._mosquitto.wait()
            self._mosquitto = None


class RabbitMQ:
    """Another broker, as Debian's rabbitmq-server.service runs it, but with a folder of its own."""

    def __init__(self, home: Path) -> None:
        folder = home / "rabbitmq"
        folder.mkdir(exist_ok=True)
        (folder / "rabbitmq.conf").write_text("listeners.tcp.1 = 127.0.0.1:5672\n")
        (folder / "enabled_plugins").write_text("[].\n")
        environment = {
            "HOME": str(folder),  # where its cookie is
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "RABBITMQ_NODENAME": "rabbit@localhost",
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),  # not the system's
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder),  # its data, and which of its features are on
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_LOG_BASE": str(folder),
        }
        nothing = subprocess.DEVNULL
        self._node = subprocess.Popen([RABBITMQ], env=environment, stdin=nothing, stdout=nothing, stderr=nothing)
        until(lambda: answers(5672) or self._node.poll() is not None, "RabbitMQ's start", PATIENCE, 0.1)
        if self._node.poll() is not None:
            raise NotAsWritten(f"RabbitMQ does not start: its log is in {folder}")

    def stop(self) -> None:
        self._node.terminate()
        self._node.wait()


def is_at_work(process: psutil.Process) -> bool:
    """Whether it has something to do, or would if it got a processor. A browser always has, so it does not count."""
    with suppress(psutil.NoSuchProcess):
        if not process.name().startswith("chrom"):
            return process.status() in (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP)
    return False


def loosely(line: str) -> str:
    """The line without what may differ from run to run."""
    for pattern, name in LOOSE:
        line = re.sub(pattern, name, line)
    return line.rstrip()


def commands_in(block: str) -> Iterator[str]:
    r"""What is typed before each Enter; a `\` at a line's end goes on in the next one, and comments are only read."""
    for command in re.sub(r"\\\n\s*", "", block).splitlines():
        if command.strip() and not command.startswith("#"):
            yield command


def text_of(lesson: Path) -> Path:
    """A step's folder stands for its README.md."""
    return lesson / "README.md" if lesson.is_dir() else lesson


def experiments(lesson: Path) -> list[str]:
    """The headings of its experiments, which can be followed one by one."""
    return [piece.text for piece in markdown.read(text_of(lesson)) if _is_experiment(piece)]


def _is_experiment(piece: Piece) -> bool:
    return piece.kind == "heading" and piece.text.startswith("Experiment")


def pieces_of(text: Path, only: str = "") -> Iterator[Piece]:
    """All pieces, or those before the first experiment and those of one."""
    wanted = True
    for piece in markdown.read(text):
        if only and _is_experiment(piece):
            wanted = piece.text == only
        elif only and piece.kind == "heading" and piece.info == ("h2",):
            wanted = wanted and not piece.text.startswith(("Quiz", "What to try"))
        if wanted:
            yield piece


def fetch_packages(lessons: list[Path], folder: Path) -> None:
    """What the texts tell pip to install, from PyPI, as wheels."""
    for lesson in lessons:
        for command in all_commands(lesson):
            if command.startswith("pip install "):
                wanted = shlex.split(command.replace("../nightlight", str(ROOT)))[2:]
                pip = [sys.executable, "-m", "pip", "wheel", "-q", "-w", str(folder)]
                subprocess.run([*pip, *wanted], check=True)


def fetch_from_npm(lessons: list[Path]) -> None:
    """What the texts tell npm to fetch, into npm's cache, unless it is there."""
    for lesson in lessons:
        for command in all_commands(lesson):
            if command.startswith("npm pack "):
                npm = [*shlex.split(command), "--cache", str(NPM_CACHE), "--prefer-offline"]
                with tempfile.TemporaryDirectory(prefix="npm-") as folder:
                    subprocess.run(npm, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def all_commands(lesson: Path) -> Iterator[str]:
    """All that its text has typed."""
    for piece in markdown.read(text_of(lesson)):
        if piece.kind == "block" and piece.info[:1] == ("sh",):
            yield from commands_in(piece.text)


@contextmanager
def home_of_a_reader(text: Path, installs: bool) -> Iterator[Path]:
    """What a learner has before this text: nothing, or what step 1 leaves, for solutions also the step's files."""
    step = text.parent
    with tempfile.TemporaryDirectory(prefix="home-") as name:
        home = Path(name)
        (home / "bin").mkdir()
        (home / "bin/python3").symlink_to(Path(sys._base_executable))  # type: ignore[attr-defined]
        if not installs and (counterfit := shutil.which("counterfit", path=str(Path(sys.executable).parent))):
            (home / "bin/counterfit").symlink_to(counterfit)
        (home / "nightlight").symlink_to(ROOT)
        if text != text_of(FIRST_STEP):
            venv.create(home / COURSE / ".venv", symlinks=True)
            pip = home / COURSE / ".venv/bin/pip"
            pip.write_text('#!/bin/sh\nexec python -m pip "$@"\n')
            pip.chmod(0o755)
            for folder in (FIRST_STEP, step) if text.name == "solutions.md" else (FIRST_STEP,):
                for file in folder.iterdir():
                    if file.is_file() and file.suffix != ".md":
                        shutil.copy(file, home / COURSE)
        yield home


def main() -> None:
    parser = argparse.ArgumentParser(description="Follows texts of the course word for word.")
    parser.add_argument("lessons", type=Path, nargs="+")
    parser.add_argument("--broker-py", action="store_true", help="with broker.py in place of a Mosquitto")
    parser.add_argument("--only", default="", help="this experiment of the text")
    parser.add_argument("--notes", type=Path, help="a folder for notes of what the examples use of paho-mqtt")
    parser.add_argument("--install", action="store_true", help="begin without any package, and install them")
    parser.add_argument("--packages", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--show", action="store_true", help="print what the terminals showed")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    texts = [text_of(lesson.resolve()) for lesson in options.lessons]
    if not options.inside:
        again = [sys.executable, "-m", "tests.lessons.reader", "--inside", *sys.argv[1:]]
        with tempfile.TemporaryDirectory(prefix="packages-") as packages:
            if options.install:
                fetch_packages(texts, Path(packages))
                again += ["--packages", packages]
            fetch_from_npm(texts)
            sys.exit(subprocess.call([*own_network.command(), *again], cwd=ROOT))
    own_network.bring_up()
    began = time.monotonic()
    with (
        home_of_a_reader(texts[0], bool(options.packages)) as home,
        closing(Reader(home, options.packages, options.notes)) as reader,
    ):
        try:
            if not options.broker_py:
                reader.begin()
            elif texts[0] != text_of(FIRST_STEP):  # which starts it itself
                reader.start_broker()
            for text in texts:
                reader.follow(text, options.only)
                print(f"{text.relative_to(ROOT)}: as the text says, {time.monotonic() - began:.0f} s")
            reader.leave()
        except NotAsWritten as error:
            sys.exit(str(error))
        finally:
            reader.close()
            for name, lines in reader.shown.items() if options.show else ():
                print(f"---- {name}", *lines, sep="\n")


if __name__ == "__main__":
    main()
