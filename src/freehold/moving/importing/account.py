"""What an archive of everything holds of a person besides the chats, and which of it can be taken back."""

from typing import Any

from freehold.identity.schemas import Preferences

PARTS = ("projects", "memory", "prompts")
"""Each is a field of schemas.ImportReport."""


def chosen(preferences: Any) -> bool:
    """Whether anything in them was chosen by the person; what nobody chose is not missed."""
    known = Preferences().model_dump(mode="json")
    return isinstance(preferences, dict) and any(known.get(name) != value for name, value in preferences.items())
