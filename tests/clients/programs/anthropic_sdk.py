"""The official `anthropic` package: streams, calls a tool, reads usage. Prints what it got as one JSON object."""

import json
import sys

from anthropic import Anthropic, APIStatusError

URL, KEY, MODEL = sys.argv[1:4]
TOOL = {
    "name": "get_weather",
    "description": "The weather in a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def main() -> dict[str, object]:
    client = Anthropic(base_url=URL, api_key=KEY, max_retries=0)
    said = [{"role": "user", "content": "say"}]
    pieces = []
    with client.messages.stream(model=MODEL, max_tokens=100, messages=said) as stream:
        pieces += list(stream.text_stream)
        streamed = stream.get_final_message()
    whole = client.messages.create(model=MODEL, max_tokens=100, messages=said)
    called = client.messages.create(
        model=MODEL, max_tokens=100, messages=[{"role": "user", "content": "call"}], tools=[TOOL]
    )
    (call,) = [block for block in called.content if block.type == "tool_use"]
    with client.messages.stream(
        model=MODEL, max_tokens=100, messages=[{"role": "user", "content": "call"}], tools=[TOOL]
    ) as stream:
        (streamed_call,) = [block for block in stream.get_final_message().content if block.type == "tool_use"]
    try:
        client.messages.create(model="no/such-model", max_tokens=100, messages=said)
        refused = None
    except APIStatusError as error:
        refused = [type(error).__name__, error.status_code, error.body["error"]["type"]]
    return {
        "text": "".join(pieces),
        "pieces": len(pieces),
        "usage": [streamed.usage.input_tokens, streamed.usage.output_tokens],
        "whole": whole.content[0].text,
        "whole_usage": [whole.usage.input_tokens, whole.usage.output_tokens],
        "call": [call.name, call.input],
        "stop_reason": called.stop_reason,
        "streamed_call": [streamed_call.name, streamed_call.input],
        "models": [model.id for model in client.models.list()],
        "refused": refused,
    }


print(json.dumps(main()))
