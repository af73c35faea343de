"""Freehold: a self-hosted AI chat workspace and model gateway."""

__version__ = "0.1.0"
