"""What can go wrong, and what the nightlight makes of it. A new fault is three lines in catalogue.py."""
