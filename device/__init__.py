"""What runs on the Raspberry Pi, or beside CounterFit."""

import nightlight  # noqa: F401  (first of all, it says which packages are missing)
