"""What is a text: bytes to characters, or a refusal; pure."""

MAX_TEXT_BYTES = 1_000_000  # about 250,000 tokens, more than most models read at once
TEXT = "text/plain"
"""Of every text, whatever its name says: it is served as words and as nothing else."""

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_NO_TEXTS = (b"%PDF-", b"{\\rtf")
"""Documents that are written in letters and yet no text."""

# what a text may hold below the blank: ends of lines and pages, and what terminals and logs are coloured with
_CONTROL = {chr(code) for code in range(32)} - set("\t\n\v\f\r\b\x1b")


class NotText(ValueError):
    """The bytes are no text in an encoding that is known here."""


def decoded(data: bytes) -> str:
    """The characters of UTF-8, UTF-16 with its mark, or GB18030, which holds GBK. Raises NotText."""
    if data.startswith(_NO_TEXTS):
        raise NotText
    mark = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    for encoding in (mark,) if mark else ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.strip() and _CONTROL.isdisjoint(text):
            return text
        break
    raise NotText


def is_text(media_type: str) -> bool:
    """Whether a file of that type is one."""
    return media_type == TEXT
