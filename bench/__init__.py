"""How fast, how much, beside what."""
