"""Images, sound and files inside JSON: data URLs (RFC 2397) and base64 (RFC 4648)."""

import base64
import binascii

from freehold.wire.fields import invalid


def decode(text: str, field: str) -> bytes:
    """The bytes of base64 text. Raises InvalidRequest naming `field`."""
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        pass
    try:  # with line breaks, or without its padding
        joined = "".join(text.split())
        return base64.b64decode(joined + "=" * (-len(joined) % 4), validate=True)
    except ValueError:
        raise invalid(field, "is not base64") from None


def from_data_url(url: str, field: str) -> tuple[bytes, str]:
    """Bytes and media type of `data:<type>;base64,<data>`. Raises InvalidRequest naming `field`."""
    head, comma, data = url.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        raise invalid(field, "must be a data: URL with base64")
    media_type = head[5:-7].partition(";")[0].strip().lower()
    if "/" not in media_type:
        raise invalid(field, "must say its type, as in data:image/png;base64,")
    return decode(data, field), media_type


def data_url(data: bytes, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


# The first bytes of the kinds of images that models see.
_MAGIC = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))


def image_type(data: bytes, field: str) -> str:
    """The media type of an image that came without one. Raises InvalidRequest naming `field`."""
    for magic, media_type in _MAGIC:
        if data.startswith(magic):
            return media_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    raise invalid(field, "is not a PNG, JPEG, WebP or GIF image")
