"""Sealing of secrets at rest: AES-256-GCM, bound to the place where the ciphertext is stored."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping

KEY_BYTES = 32
_NONCE_BYTES = 12  # NIST SP 800-38D, section 8.2.2: 96 random bits
_CHECK_LABEL = b"freehold master key check v1"


class SealBroken(Exception):
    """The ciphertext was changed, was moved to another place, or was sealed with a key that is not here."""


class SecretBox:
    """Seals text with the current key and opens what the current or a previous key sealed.

    A sealed value is `key version (1 byte) | nonce (12) | ciphertext and tag`. The context, by convention
    `table|column|row`, and the key version are authenticated, so a value copied into another row does not open.
    """

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        """`keys` maps versions (1..255) to 32-byte keys; the highest version seals."""
        if not keys:
            raise ValueError("a SecretBox needs at least one key")
        for version, key in keys.items():
            if not 1 <= version <= 255 or len(key) != KEY_BYTES:
                raise ValueError("key versions are 1..255 and keys are 32 bytes")
        self._keys = dict(keys)
        self.version = max(keys)

    def __repr__(self) -> str:
        return f"SecretBox(versions={sorted(self._keys)})"

    def seal(self, plaintext: str, context: str) -> bytes:
        """Encrypt `plaintext` for the place named by `context`."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(_NONCE_BYTES)
        body = AESGCM(self._keys[self.version]).encrypt(nonce, plaintext.encode(), _bound_to(context, self.version))
        return bytes([self.version]) + nonce + body

    def open(self, sealed: bytes, context: str) -> str:
        """Decrypt; raises SealBroken when the key, the context or a single bit differs."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = self._keys.get(sealed[0]) if len(sealed) > 1 + _NONCE_BYTES else None
        if key is None:
            raise SealBroken("sealed with a key that is not here")
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return AESGCM(key).decrypt(nonce, body, _bound_to(context, sealed[0])).decode()
        except InvalidTag as error:
            raise SealBroken("the sealed value does not belong here or was changed") from error

    def is_current(self, sealed: bytes) -> bool:
        """Whether the newest key sealed it; if not, seal it again at the next opportunity."""
        return sealed[:1] == bytes([self.version])

    def check_value(self, version: int | None = None) -> str | None:
        """A value that proves a key without telling it; None when there is no key of that version."""
        key = self._keys.get(self.version if version is None else version)
        return hmac.new(key, _CHECK_LABEL, hashlib.sha256).hexdigest() if key else None

    def derive(self, purpose: str, version: int | None = None) -> bytes | None:
        """A 32-byte key for one purpose, made from the newest key or that of `version`; None when that is not here.

        HKDF-SHA256 (RFC 5869) without salt; its output is one block, so it takes two steps.
        """
        key = self._keys.get(self.version if version is None else version)
        if key is None:
            return None
        extracted = hmac.digest(bytes(32), key, "sha256")
        return hmac.digest(extracted, purpose.encode() + b"\x01", "sha256")


def new_key() -> str:
    """A random 32-byte key as URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def parse_keys(text: str) -> dict[int, bytes]:
    """Read `KEY` or `2:KEY,1:KEY` (also on lines of their own); keys are base64 or 64 hexadecimal digits.

    Raises ValueError with a sentence that never repeats the key.
    """
    keys: dict[int, bytes] = {}
    for entry in text.replace("\n", ",").split(","):
        item = entry.strip()
        if not item:
            continue
        label, colon, encoded = item.rpartition(":")
        if colon and not (label.isdigit() and 1 <= int(label) <= 255):
            raise ValueError("what stands before the colon must be a key version from 1 to 255")
        keys[int(label) if colon else 1] = _decode(encoded)
    if not keys:
        raise ValueError("it is empty")
    return keys


def _decode(encoded: str) -> bytes:
    try:
        if len(encoded) == 2 * KEY_BYTES:
            return bytes.fromhex(encoded)
        padded = encoded + "=" * (-len(encoded) % 4)
        key = base64.b64decode(padded.replace("-", "+").replace("_", "/"), validate=True)
    except (ValueError, binascii.Error):
        raise ValueError("it is neither base64 nor hexadecimal") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"it has {len(key)} bytes where {KEY_BYTES} are needed")
    return key


def _bound_to(context: str, version: int) -> bytes:
    return f"{context}|{version}".encode()
