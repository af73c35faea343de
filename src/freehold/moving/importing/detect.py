"""Whose export a JSON document is, by what is in it and never by its name."""

from typing import Literal

import ijson

from freehold.moving.importing.archive import Counted

Kind = Literal[
    "chatgpt",
    "claude",
    "open_webui",
    "librechat",
    "lobechat",
    "lobechat_server",
    "lobechat_topic",
    "freehold",
    "freehold_account",
]
LOOKED_AT = 2_000_000  # events; a document that has not told by then is none of ours

# a key that only one product writes, at the place it has in a list or in a document of its own
_DECISIVE: dict[str, Kind] = {
    "mapping": "chatgpt",
    "chat_messages": "claude",
    "chat.history": "open_webui",
    "messagesTree": "librechat",
    "conversationId": "librechat",
    "exportType": "lobechat",
    "schemaHash": "lobechat_server",
    "exportedAt": "lobechat_topic",
}


def detect(stream: Counted) -> tuple[Kind, bool] | None:
    """The kind, and whether the document is a list of them; None when it is none. Raises ijson.JSONError."""
    is_list = False
    path: list[str] = []  # the keys that lead here; "" for what lies in a list
    for at, (event, value) in enumerate(ijson.basic_parse(stream, use_float=True)):
        if at == 0:
            if event not in ("start_array", "start_map"):
                return None
            is_list = event == "start_array"
        if event == "map_key":
            path[-1] = value
            place = path[1:] if is_list else path
            kind = _DECISIVE.get(".".join(place)) if len(place) <= 2 else None
            if kind is not None:
                return kind, is_list
        elif event in ("start_map", "start_array"):
            path.append("")
        elif event in ("end_map", "end_array"):
            path.pop()
            if is_list and len(path) == 1:
                return None  # the first item has not told
        elif value == "freehold.chat" and path[is_list:] == ["format"]:
            return "freehold", is_list
        elif value == "freehold.account" and path == ["format"]:
            return "freehold_account", False
        if at > LOOKED_AT:
            return None
    return None
