"""Notes what the examples use of paho-mqtt while they run, and which of their lines run.

Python imports it at the start of each program that has this folder on its PYTHONPATH. In the folder that NOTES
names, each program writes one file, with a line for each thing that a script beside it (or itself) has used: the
script's name, a tab, and

    publish()                    a function that it called; publish.single() is one of the module paho.mqtt.publish
    publish(qos=)                with this argument
    publish(topic: str)          whose value was of this type
    publish(retain=False)        or this one; only True, False and names of transports are noted
    publish.single(will["qos"])  or a dictionary, with this key
    publish() -> MQTTMessageInfo  what it returned
    publish() raises ValueError   or raised
    on_connect(client, userdata, flags, reason_code, properties)
                                 a callback that paho called, with the names that the script gives to its arguments
    on_connect() from CONNACK 5  which had to do with this code
    connect_timeout              a property of a client that it read or changed
    MQTT_ERR_NO_CONN             a name of paho.mqtt.client that it looked up
    MQTTMessageInfo.rc           or of a MQTTMessageInfo
    line 12                      a line that it ran, after it had imported paho

What paho itself calls is not noted: only calls from the folder of the program count.
"""

import atexit
import functools
import importlib.abc
import importlib.machinery
import inspect
import os
import sys
import threading
import types
from collections.abc import Callable, Sequence
from typing import Any

NOTES = os.environ.get("NOTES", "")
HELPERS = ("publish", "subscribe")
VALUES = (False, True, "websockets", "unix")
"""The values of arguments that are noted."""
CONNACK = {0: 0, 132: 1, 133: 2, 136: 3, 134: 4, 135: 5}
"""The codes of MQTT 3.1.1 (section 3.2.2.3) behind the reason codes that paho makes of them."""
FOLDER = os.path.dirname(os.path.abspath(sys.argv[0]))  # noqa: PTH100, PTH120
"""Where the program lies, and the scripts that are noted."""

noted: dict[tuple[str, str], None] = {}  # in this order


def note(script: str, what: str) -> None:
    noted[script, what] = None


@functools.cache
def script_in(path: str) -> str:
    """The file's name, if it lies beside the program; otherwise an empty string."""
    folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100 (pathlib takes longer to import)
    return name if folder == FOLDER and not name.startswith("<") else ""  # <frozen importlib> has no folder


def caller() -> str:
    """The script from which the function that asks has been called, or an empty string."""
    return script_in(sys._getframe(2).f_code.co_filename)


def noting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which notes who calls it how."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def noting_function(*positional: Any, **named: Any) -> Any:
        script = caller()
        if not script:
            return function(*positional, **named)
        note(script, f"{name}()")
        try:
            given = signature.bind(*positional, **named).arguments
        except TypeError:
            given = {}
        for argument, value in given.items():
            if argument == "self":
                continue
            note(script, f"{name}({argument}=)")
            note(script, f"{name}({argument}: {type(value).__name__})")
            if isinstance(value, (bool, str)) and value in VALUES:
                note(script, f"{name}({argument}={value})")
            if isinstance(value, dict):
                for key in value:
                    note(script, f'{name}({argument}["{key}"])')
            if isinstance(value, list):
                for one in value:
                    note(script, f"{name}({argument}: list of {type(one).__name__})")
        if "callback" in given and name == "subscribe.callback":
            positional = (noting_callback("on_message", given["callback"]), *positional[1:])
        try:
            result = function(*positional, **named)
        except Exception as error:
            note(script, f"{name}() raises {type(error).__name__}")
            raise
        note(script, f"{name}() -> {type(result).__name__}")
        return result

    return noting_function


def noting_callback(name: str, function: Any) -> Any:
    """The example's callback, which notes that paho has called it."""
    script = script_in(function.__code__.co_filename) if inspect.isfunction(function) else ""
    if not script:
        return function  # paho's own, or None
    names = list(inspect.signature(function).parameters)

    @functools.wraps(function)
    def noting_function(*positional: Any) -> Any:
        if len(positional) == len(names):
            note(script, f"{name}({', '.join(names)})")
        if name == "on_connect":
            note(script, f"on_connect() from CONNACK {CONNACK.get(getattr(positional[3], 'value', positional[3]))}")
        if name == "on_message":
            note(script, type(positional[2]).__name__)
        return function(*positional)

    return noting_function


class NotingModule(types.ModuleType):
    """paho.mqtt.client, which notes what is looked up in it."""

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("MQTT") and (script := caller()):
            note(script, name)
        return super().__getattribute__(name)


def noting_property(real: Any, name: str) -> property:
    def read(self: Any) -> Any:
        if script := caller():
            note(script, f"MQTTMessageInfo.{name}")
        return real.__get__(self)

    return property(read, real.__set__)


def callback_property(name: str, real: Any) -> property:
    def assign(self: Any, function: Any) -> None:
        real.fset(self, noting_callback(name, function))

    return property(real.fget, assign)


def client_property(name: str, real: Any) -> property:
    def read(self: Any) -> Any:
        if script := caller():
            note(script, name)
        return real.fget(self)

    return property(read, real.fset)


def note_and_set(self: Any, name: str, value: Any) -> None:
    """A client's `__setattr__`."""
    if not name.startswith(("_", "on_")) and (script := caller()):
        note(script, name)
    object.__setattr__(self, name, value)


def note_client(module: types.ModuleType) -> None:
    client, info = module.Client, module.MQTTMessageInfo
    for name, function in inspect.getmembers(client, inspect.isfunction):
        if not name.startswith("_"):
            setattr(client, name, noting(name, function))
    client.__init__ = noting("Client", client.__init__)
    for name, real in inspect.getmembers(client, lambda member: isinstance(member, property)):
        setattr(client, name, (callback_property if name.startswith("on_") else client_property)(name, real))
    client.__setattr__ = note_and_set
    for name in ("wait_for_publish", "is_published"):
        setattr(info, name, noting(name, getattr(info, name)))
    for name in ("rc", "mid"):
        setattr(info, name, noting_property(getattr(info, name), name))
    for name in ("topic_matches_sub", "connack_string", "error_string"):
        setattr(module, name, noting(name, getattr(module, name)))
    module.__class__ = NotingModule


def note_helpers(module: types.ModuleType) -> None:
    short = module.__name__.rpartition(".")[2]
    for name in ("single", "multiple") if short == "publish" else ("simple", "callback"):
        setattr(module, name, noting(f"{short}.{name}", getattr(module, name)))


class Finder(importlib.abc.MetaPathFinder):
    """Finds paho's modules like everybody else, and has them noted as soon as they are there."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not name.startswith("paho.mqtt.") or name.rpartition(".")[2] not in ("client", *HELPERS):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec and spec.loader:
            load = spec.loader.exec_module

            def load_and_note(module: types.ModuleType) -> None:
                load(module)
                if name.endswith("client"):
                    note_client(module)
                    trace_from_here()
                else:
                    note_helpers(module)

            spec.loader.exec_module = load_and_note  # type: ignore[method-assign]
        return spec


def trace(frame: types.FrameType, event: str, argument: Any) -> Any:
    """Have the lines of the examples noted, and of nothing else."""
    return trace_lines if script_in(frame.f_code.co_filename) else None


def trace_lines(frame: types.FrameType, event: str, argument: Any) -> Any:
    if event == "line":
        note(script_in(frame.f_code.co_filename), f"line {frame.f_lineno}")
    return trace_lines


def trace_from_here() -> None:
    """The frames that there are, and those to come. Before, the imports would take twice as long."""
    threading.settrace(trace)
    sys.settrace(trace)
    frame: types.FrameType | None = sys._getframe()
    while frame:
        frame.f_trace = trace(frame, "call", None)
        frame = frame.f_back


def write() -> None:
    with open(f"{NOTES}/{os.getpid()}.txt", "w", encoding="utf-8") as file:
        file.writelines(f"{script}\t{what}\n" for script, what in noted)


if NOTES and sys.argv[0].endswith(".py"):
    sys.meta_path.insert(0, Finder())
    atexit.register(write)
