"""LiteLLM as a client library: streams, calls a tool, reads usage. Prints what it got as one JSON object."""

import json
import sys

import litellm

URL, KEY, MODEL = sys.argv[1:4]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def main() -> dict[str, object]:
    where = {"model": f"openai/{MODEL}", "api_base": f"{URL}/v1", "api_key": KEY, "num_retries": 0}
    said = [{"role": "user", "content": "say"}]
    text, pieces, usage = "", 0, None
    for chunk in litellm.completion(**where, messages=said, stream=True, stream_options={"include_usage": True}):
        usage = getattr(chunk, "usage", None) or usage
        piece = chunk.choices[0].delta.content if chunk.choices else None
        text += piece or ""
        pieces += bool(piece)
    whole = litellm.completion(**where, messages=said)
    called = litellm.completion(**where, messages=[{"role": "user", "content": "call"}], tools=[TOOL])
    (call,) = called.choices[0].message.tool_calls
    return {
        "text": text,
        "pieces": pieces,
        "usage": [usage.prompt_tokens, usage.completion_tokens],
        "whole": whole.choices[0].message.content,
        "call": [call.function.name, json.loads(call.function.arguments)],
    }


print(json.dumps(main()))
