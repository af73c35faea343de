"""Settings: the only reader of the environment; freehold.yaml; defaults."""

from freehold.settings.areas import Declared, DeclaredKey, DeclaredModel, DeclaredProvider, Settings
from freehold.settings.load import Loaded, load, load_settings

__all__ = [
    "Declared",
    "DeclaredKey",
    "DeclaredModel",
    "DeclaredProvider",
    "Loaded",
    "Settings",
    "load",
    "load_settings",
]
