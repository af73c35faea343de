"""The text of an API key, `fh_<8-character id>_<43 characters>`, and what is stored of it: an HMAC under a pepper."""

import hashlib
import hmac
import re
import secrets
from typing import NamedTuple

from freehold.kit.crypto import SecretBox

ID_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # 40 bits; nothing that is misread as something else
ID_LENGTH = 8
_FORM = re.compile(rf"fh_([{ID_ALPHABET}]{{{ID_LENGTH}}})_[A-Za-z0-9_-]{{43}}")
_PURPOSE = "api key secrets v1"
_NOBODY = bytes(32)


class Stored(NamedTuple):
    """What the database keeps of a secret."""

    hash: bytes  # HMAC-SHA256(pepper, the whole text of the key)
    pepper_version: int


def new_text() -> tuple[str, str]:
    """A new key: its public id, and the whole text, which is shown once. The secret part has 256 random bits."""
    public_id = "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH))
    return public_id, f"fh_{public_id}_{secrets.token_urlsafe(32)}"


def id_in(text: str) -> str | None:
    """The public id in the text of a key; None when it does not have the form of one."""
    found = _FORM.fullmatch(text)
    return found[1] if found else None


def digest(text: str) -> bytes:
    """Names a secret in this process's memory without holding it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class Pepper:
    """Hashes and checks secrets under a key derived from the server's master key; it is never stored."""

    def __init__(self, box: SecretBox) -> None:
        self._box = box
        self._keys: dict[int, bytes | None] = {}

    def hash(self, text: str) -> Stored:
        """What to store for a key."""
        version = self._box.version
        return Stored(self._hmac(version, text), version)

    def verify(self, text: str, stored: Stored | None) -> bool:
        """Whether the text is the stored one's; without a stored one the same work is done and the answer is no."""
        version, expected = (stored.pepper_version, stored.hash) if stored else (self._box.version, _NOBODY)
        same = hmac.compare_digest(self._hmac(version, text), expected)
        return same and stored is not None and self._key(version) is not None

    def is_current(self, stored: Stored) -> bool:
        """Whether the newest master key made the hash; if not, hash again while the secret is at hand."""
        return stored.pepper_version == self._box.version

    def _hmac(self, version: int, text: str) -> bytes:
        return hmac.digest(self._key(version) or _NOBODY, text.encode(), "sha256")

    def _key(self, version: int) -> bytes | None:
        if version not in self._keys:
            self._keys[version] = self._box.derive(_PURPOSE, version)
        return self._keys[version]
