"""Which providers go on with an answer that is the last message of a request, and what they must be told for that."""

from fnmatch import fnmatchcase
from typing import Any

from freehold.providers.anthropic.encode import BUDGET_MODELS
from freehold.providers.base import ProviderConfig

# Fields of the call beside the messages. llama.cpp refuses to continue an answer while thinking is on.
_FIELDS: dict[str, dict[str, Any]] = {
    "embedded": {},
    "ollama": {},
    "llamacpp": {"chat_template_kwargs": {"enable_thinking": False}},
    "vllm": {"continue_final_message": True, "add_generation_prompt": False},
    "sglang": {"continue_final_message": True},
}
# Claude 4.6 and later refuse it: https://docs.anthropic.com/en/docs/build-with-claude/prefill-claudes-response
_CLAUDE = (*BUDGET_MODELS, "claude-2*")


def prefill(config: ProviderConfig, model: str) -> dict[str, Any] | None:
    """The extra fields of a request whose last message is the beginning of the answer; None: it would begin anew."""
    if config.kind == "anthropic":
        return {} if any(fnmatchcase(model, known) for known in _CLAUDE) else None
    fields = _FIELDS.get(config.kind)
    return None if fields is None else dict(fields)
