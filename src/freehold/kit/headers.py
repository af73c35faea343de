"""Headers of answers."""

from urllib.parse import quote


def content_disposition(kind: str, name: str) -> str:
    """The header of a file with a name in any language (RFC 6266, section 4.1); `kind`: `attachment` or `inline`."""
    safe = "".join("_" if character in '\\/:*?"<>|' or not character.isprintable() else character for character in name)
    return f"{kind}; filename*=UTF-8''{quote(safe, safe='')}"
