"""Makes Python lack NiceGUI, as on a Raspberry Pi: run.py then starts no page. Most of its tests do without, and save
its start.
"""

import sys

sys.modules["nicegui"] = None  # type: ignore[assignment]
