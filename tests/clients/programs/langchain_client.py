"""LangChain's `langchain-openai`: streams, calls a tool, reads usage. Prints what it got as one JSON object."""

import json
import sys

from langchain_core.tools import tool
from langchain_openai import ChatOpenAI

URL, KEY, MODEL = sys.argv[1:4]


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"Sunny in {city}."


def main() -> dict[str, object]:
    model = ChatOpenAI(base_url=f"{URL}/v1", api_key=KEY, model=MODEL, max_retries=0, stream_usage=True)
    pieces = list(model.stream("say"))
    whole = pieces[0]
    for piece in pieces[1:]:
        whole += piece
    invoked = model.invoke("say")
    (call,) = model.bind_tools([get_weather]).invoke("call").tool_calls
    return {
        "text": whole.text,
        "pieces": sum(bool(piece.text) for piece in pieces),
        "usage": [whole.usage_metadata["input_tokens"], whole.usage_metadata["output_tokens"]],
        "whole": invoked.text,
        "call": [call["name"], call["args"]],
    }


print(json.dumps(main()))
