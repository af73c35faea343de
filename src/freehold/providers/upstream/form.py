"""A form with files (multipart/form-data, RFC 7578) as a request's body, written in pieces and never held whole."""

import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file of a form. `pieces` gives its content from the beginning each time it is called."""

    name: str
    filename: str
    media_type: str
    size: int
    pieces: Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form that is text."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Form:
    """Fields and files, in the order in which they came."""

    parts: tuple[Field | FilePart, ...]

    @property
    def files(self) -> tuple[FilePart, ...]:
        return tuple(part for part in self.parts if isinstance(part, FilePart))

    def get(self, name: str) -> str | None:
        """The first field of that name."""
        return next((part.value for part in self.parts if isinstance(part, Field) and part.name == name), None)

    def with_field(self, name: str, value: str) -> "Form":
        """The same form with another value of a field."""
        return Form(
            tuple(
                replace(part, value=value) if isinstance(part, Field) and part.name == name else part
                for part in self.parts
            )
        )

    def encoded(self) -> "Upload":
        """The form as a body."""
        boundary = secrets.token_hex(16)
        heads = [_head(part, boundary) for part in self.parts]
        end = f"--{boundary}--\r\n".encode()
        sizes = [part.size if isinstance(part, FilePart) else len(part.value.encode()) for part in self.parts]
        length = sum(len(head) + size + 2 for head, size in zip(heads, sizes, strict=True)) + len(end)

        async def pieces() -> AsyncIterator[bytes]:
            for part, head in zip(self.parts, heads, strict=True):
                if isinstance(part, Field):
                    yield head + part.value.encode() + b"\r\n"
                    continue
                yield head
                async for piece in part.pieces():
                    yield piece
                yield b"\r\n"
            yield end

        return Upload(f"multipart/form-data; boundary={boundary}", length, pieces)


@dataclass(frozen=True, slots=True)
class Upload:
    """A body of `length` bytes that is sent in pieces; `pieces` begins anew each time."""

    content_type: str
    length: int
    pieces: Callable[[], AsyncIterator[bytes]]


def _head(part: Field | FilePart, boundary: str) -> bytes:
    lines = [f"--{boundary}", f'Content-Disposition: form-data; name="{_quoted(part.name)}"']
    if isinstance(part, FilePart):
        lines[1] += f'; filename="{_quoted(part.filename)}"'
        lines.append(f"Content-Type: {part.media_type}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")


def _quoted(text: str) -> str:
    """As browsers write it (WHATWG HTML, multipart/form-data encoding algorithm)."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
