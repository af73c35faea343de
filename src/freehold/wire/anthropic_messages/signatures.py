"""Signatures of thinking blocks: Anthropic's own go out as they came, those of other vendors keep their prefix."""

from freehold.wire.signatures import ANTHROPIC, ANTHROPIC_REDACTED, GEMINI, OPENAI


def without_prefix(signature: str) -> str:
    """What the client sees."""
    return signature.removeprefix(ANTHROPIC)


def with_prefix(signature: str) -> str | None:
    """What a client sends back, canonical; None for an unsigned block."""
    if not signature or signature.startswith((GEMINI, OPENAI, ANTHROPIC_REDACTED)):
        return signature or None
    return ANTHROPIC + signature
