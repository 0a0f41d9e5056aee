"""order.py, with >= in place of >."""

from pathlib import Path

script = Path("order.py").read_text()
exec(script.replace("number > last", "number >= last"))
