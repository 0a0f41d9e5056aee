"""A whole nightlight on one machine, for a first look: what run.py starts when everything is installed."""
