"""What runs on the laptop."""
