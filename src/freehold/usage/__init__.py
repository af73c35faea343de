"""Usage: what every call took, how much somebody may ask, and what it may cost."""
