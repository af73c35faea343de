"""Freehold's own measurements: each module prints a table; run with `python -m bench.NAME`."""
