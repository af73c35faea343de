"""What is wrong with an answer so that a dearer model should give it, told by the answer itself; pure.

Each check says nothing where it cannot be sure: a needless escalation costs money, a missed one leaves the answer as it
would have been without the cascade.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from freehold.gateway.routing.cascade import answers
from freehold.settings.routing import Check
from freehold.wire.events import FinishReason
from freehold.wire.request import ChatRequest, JsonObject, JsonSchema

LEAST_LIMIT = 64
"""Who asks for fewer tokens wants the beginning of an answer, which is no truncated one."""

_LONGEST_REFUSAL = 900  # characters; what goes on after a "sorry" is an answer
_OPENING = 260
_THOUGHT = re.compile(r"^\s*<think(?:ing)?>.*?(?:</think(?:ing)?>|$)", re.DOTALL)
_REFUSAL = re.compile(
    r"""^\W*(?:
      (?:(?:i['’]?m|i\s+am)\s+(?:really\s+|very\s+|so\s+)?sorry|sorry|apologies|i\s+apologi[sz]e|unfortunately|
        (?:as|being)\s+an?\s+(?:ai|artificial\s+intelligence|(?:large\s+)?language\s+model)\b[^,.]{0,60})
        [,.;:]?\s*(?:but\s+)?
        (?:i\s+(?:can\s?not|can['’]t|am\s+(?:not\s+able|unable)\s+to|am\s+not\s+allowed|won['’]t|don['’]t\s+feel\s+comfortable|
          must\s+decline|have\s+to\s+decline|do\s+not\s+have\s+the\s+ability|don['’]t\s+have\s+the\s+ability)|
          i['’]m\s+(?:not\s+able|unable)\s+to)
     |i\s+(?:can\s?not|can['’]t|won['’]t|will\s+not|am\s+unable\s+to|am\s+not\s+able\s+to)\s+
        (?:help|assist|comply|fulfil+|provide|answer|do\s+that|discuss|engage|continue|create|generate|write|complete|process)\b
     |i['’]m\s+(?:unable|not\s+able)\s+to\s+(?:help|assist|comply|fulfil+|provide|answer|discuss|create|generate|write|complete)\b
     |i\s+must\s+(?:respectfully\s+)?decline
     |(?:非常|很|十分)?(?:抱歉|对不起|遗憾|不好意思)[，,。！!\s]*(?:但是?|不过)?[，,\s]*
        (?:作为(?:一个|一名)?.{0,20}[，,]\s*)?我?(?:现在|目前|暂时)?(?:还)?(?:无法|不能|没有办法|没法|没有能力|不可以|不便)
        (?:[^。！\n]{0,12})(?:回答|提供|协助|帮助|帮|处理|完成|满足|生成|讨论|执行|继续|给出|给您|给你|您|你)
     |作为(?:一个|一名|一款)?\s*(?:ai|人工智能|大?语言模型|智能助手)[^。\n]{0,30}我(?:无法|不能|没有能力)
     |我(?:无法|不能)(?:回答|提供|协助|帮助|满足|完成)(?:您|你|这个|这类|该|此|相关)
    )""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it is judged. `calls`: names and arguments of tools; `logprobs`: of each token, if told."""

    text: str = ""
    calls: Sequence[tuple[str, str]] = ()
    finish: FinishReason | None = "stop"
    logprobs: Sequence[float] = ()
    media: bool = False  # it has pictures or sound


def failed(
    given: Given, request: ChatRequest, wanted: Sequence[Check], least_logprob: float | None = None
) -> Check | None:
    """The first of the wanted checks that the answer fails."""
    for check in wanted:
        if _CHECKS[check](given, request, least_logprob):
            return check
    return None


def _empty(given: Given, request: ChatRequest, least: float | None) -> bool:
    del request, least
    return not _THOUGHT.sub("", given.text).strip() and not given.calls and not given.media


def _truncated(given: Given, request: ChatRequest, least: float | None) -> bool:
    del least
    return given.finish == "length" and (request.max_tokens is None or request.max_tokens >= LEAST_LIMIT)


def _refused(given: Given, request: ChatRequest, least: float | None) -> bool:
    del request, least
    if given.finish == "content_filter":
        return True
    text = _THOUGHT.sub("", given.text).strip()
    return not given.calls and len(text) <= _LONGEST_REFUSAL and _REFUSAL.match(text[:_OPENING]) is not None


def _invalid_json(given: Given, request: ChatRequest, least: float | None) -> bool:
    """Not the JSON, or not of the schema, that the request asks for."""
    del least
    wanted = request.response_format
    if wanted is None or given.calls or given.finish == "length":
        return False
    try:
        value = answers.json_in(given.text)
    except ValueError:
        return True
    if isinstance(wanted, JsonObject):
        return not isinstance(value, dict)
    return isinstance(wanted, JsonSchema) and not valid(value, wanted.schema)


def _invalid_tool_call(given: Given, request: ChatRequest, least: float | None) -> bool:
    """A tool that there is not, or arguments that are not as its schema says."""
    del least
    schemas = {tool.name: tool.parameters for tool in request.tools}
    for name, arguments in given.calls:
        if name not in schemas:
            return True
        try:
            value = orjson.loads(arguments or "{}")
        except ValueError:
            return True
        if not isinstance(value, dict) or not valid(value, schemas[name]):
            return True
    return False


def _unsure(given: Given, request: ChatRequest, least: float | None) -> bool:
    del request
    if least is None or not given.logprobs:
        return False
    return sum(given.logprobs) / len(given.logprobs) < least


def valid(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a value is as a schema of the client's says; True where the schema itself is none.

    Patterns are read in linear time, and nothing that a schema refers to is fetched.
    """
    import jsonschema_rs

    try:
        validator = jsonschema_rs.validator_for(schema, pattern_options=jsonschema_rs.RegexOptions(), offline=True)
        return validator.is_valid(value)
    except ValueError:
        return True


_CHECKS = {
    "empty": _empty,
    "truncated": _truncated,
    "refused": _refused,
    "invalid_json": _invalid_json,
    "invalid_tool_call": _invalid_tool_call,
    "unsure": _unsure,
}
