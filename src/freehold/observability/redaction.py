"""Takes secrets out of text before it is written anywhere: the known ones, and what looks like one."""

import re
from collections.abc import Iterable

REDACTED = "[redacted]"
MIN_LENGTH = 6  # a shorter "secret" would black out ordinary words

_known: set[str] = set()
_known_pattern: re.Pattern[str] | None = None

_PATTERNS = (
    # keys of vendors and our own: sk-..., fh_..., gsk_..., xai-..., AIza..., ghp_...
    (re.compile(r"\b(sk|pk|rk|gsk|xai|hf|fh|ghp|gho|pplx|nvapi|tgp|r8|fw|csk)([-_])[A-Za-z0-9_-]{12,}"), r"\1\2"),
    (re.compile(r"\bAIza[0-9A-Za-z_-]{20,}"), ""),
    (re.compile(r"(?i)\b(bearer|basic)(\s+|%20)[A-Za-z0-9._~+/=-]{6,}"), r"\1\2"),
    # JSON Web Tokens, RFC 7519
    (re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*"), ""),
    (re.compile(r"(?i)\b((?:__Host-)?session|set-cookie|cookie)((?:\"|')?\s*[=:]\s*(?:\"|')?)[^\s;,\"']{6,}"), r"\1\2"),
    (re.compile(r"(?i)\b(x-api-key|api[-_]?key|password|passwd|secret|token|master_key|authorization)((?:\"|')?\s*[=:]\s*(?:\"|')?)[^\s&;,\"'}]{4,}"), r"\1\2"),  # noqa: E501
    # user:password@ in an address
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+(?=@)"), r"\1"),
)  # fmt: skip


def register_secrets(secrets: Iterable[str | None]) -> None:
    """Remember secrets that must not appear in any log from now on. Very short ones are left to the patterns."""
    global _known_pattern  # noqa: PLW0603 - the log handler of the process has one set of known secrets
    fresh = {secret for secret in secrets if secret and len(secret) >= MIN_LENGTH} - _known
    if fresh:
        _known.update(fresh)
        _known_pattern = re.compile("|".join(re.escape(item) for item in sorted(_known, key=len, reverse=True)))


def redact(text: str) -> str:
    """`text` with every known secret and everything that looks like one replaced."""
    if _known_pattern is not None:
        text = _known_pattern.sub(REDACTED, text)
    for pattern, kept in _PATTERNS:
        text = pattern.sub(kept + REDACTED, text)
    return text
