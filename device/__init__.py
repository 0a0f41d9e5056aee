"""What runs on the Raspberry Pi, or beside CounterFit."""
