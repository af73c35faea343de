"""Simon Willison's `llm`: streams, calls a tool, reads usage. Prints what it got as one JSON object."""

import json
import sys

import llm
from llm.default_plugins.openai_models import Chat

URL, KEY, MODEL = sys.argv[1:4]


def get_weather(city: str) -> str:
    """The weather in a city."""
    CALLED.append(["get_weather", {"city": city}])
    return f"Sunny in {city}."


CALLED: list[list[object]] = []


def main() -> dict[str, object]:
    model = Chat(MODEL, model_name=MODEL, api_base=f"{URL}/v1", supports_tools=True)
    model.key = KEY
    response = model.prompt("say", stream=True)
    pieces = list(response)
    usage = response.usage()
    whole = model.prompt("say", stream=False).text()
    called = model.prompt("call", tools=[llm.Tool.function(get_weather)], stream=False)
    called.text()
    called.execute_tool_calls()
    return {
        "text": "".join(pieces),
        "pieces": sum(bool(piece) for piece in pieces),
        "usage": [usage.input, usage.output],
        "whole": whole,
        "call": CALLED[0],
    }


print(json.dumps(main()))
