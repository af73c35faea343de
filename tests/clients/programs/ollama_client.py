"""The `ollama` package: lists, streams, calls a tool, reads counts. Prints what it got as one JSON object."""

import json
import sys

from ollama import Client, ResponseError

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
    client = Client(host=f"{URL}/ollama", headers={"Authorization": f"Bearer {KEY}"})
    said = [{"role": "user", "content": "say"}]
    parts = list(client.chat(model=MODEL, messages=said, stream=True))
    whole = client.chat(model=MODEL, messages=said)
    (call,) = client.chat(model=MODEL, messages=[{"role": "user", "content": "call"}], tools=[TOOL]).message.tool_calls
    generated = client.generate(model=MODEL, prompt="say")
    try:
        client.chat(model="no/such-model", messages=said)
        refused = None
    except ResponseError as error:
        refused = [error.status_code]
    return {
        "text": "".join(part.message.content or "" for part in parts),
        "pieces": sum(bool(part.message.content) for part in parts),
        "usage": [parts[-1].prompt_eval_count, parts[-1].eval_count],
        "whole": whole.message.content,
        "generated": generated.response,
        "call": [call.function.name, dict(call.function.arguments)],
        "models": [model.model for model in client.list().models],
        "refused": refused,
    }


print(json.dumps(main()))
