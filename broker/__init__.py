"""What makes a broker safe: `python3 run.py lock`."""
