"""A pack for a class without Internet: `python3 run.py classroom`."""
