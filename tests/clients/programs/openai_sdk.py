"""The official `openai` package: streams, calls a tool, reads usage. Prints what it got as one JSON object."""

import json
import sys

from openai import APIStatusError, OpenAI

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
    client = OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0)
    said = [{"role": "user", "content": "say"}]

    text, usage, pieces = "", None, 0
    with client.chat.completions.create(
        model=MODEL, messages=said, stream=True, stream_options={"include_usage": True}
    ) as stream:
        for chunk in stream:
            usage = chunk.usage or usage
            for choice in chunk.choices:
                text += choice.delta.content or ""
                pieces += bool(choice.delta.content)

    whole = client.chat.completions.create(model=MODEL, messages=said)
    called = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "call"}], tools=[TOOL], tool_choice="auto"
    )
    (call,) = called.choices[0].message.tool_calls
    with client.chat.completions.stream(
        model=MODEL, messages=[{"role": "user", "content": "call"}], tools=[TOOL]
    ) as events:
        for _ in events:
            pass
        (streamed_call,) = events.get_final_completion().choices[0].message.tool_calls
    try:
        client.chat.completions.create(model="no/such-model", messages=said)
        refused = None
    except APIStatusError as error:
        refused = [type(error).__name__, error.status_code, error.code]
    return {
        "text": text,
        "pieces": pieces,
        "usage": [usage.prompt_tokens, usage.completion_tokens],
        "whole": whole.choices[0].message.content,
        "whole_usage": [whole.usage.prompt_tokens, whole.usage.completion_tokens],
        "call": [call.function.name, json.loads(call.function.arguments)],
        "streamed_call": [streamed_call.function.name, json.loads(streamed_call.function.arguments)],
        "models": [model.id for model in client.models.list()],
        "refused": refused,
    }


print(json.dumps(main()))
