"""The decision: when is it dark enough for the nightlight?"""

DEFAULT_THRESHOLD = 300


def is_dark(light: int, threshold: int = DEFAULT_THRESHOLD) -> bool:
    """True below the threshold; both are light levels, 0 to 65,535."""
    return light < threshold
