"""Builds the sample exports of the other products, in the forms that `exports/README.md` names the sources of."""

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from PIL import Image

FOLDER = Path(__file__).parent / "exports"


def picture(colour: str = "green", kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (12, 8), colour).save(out, kind)
    return out.getvalue()


def sample(product: str, name: str = "conversations.json") -> Any:
    return json.loads((FOLDER / product / name).read_text())


def zipped(files: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def chatgpt() -> bytes:
    return zipped(
        {
            "conversations.json": (FOLDER / "chatgpt/conversations.json").read_text(),
            "file-Harbour7Photo-harbour.png": picture("blue"),
            "dalle-generations/file-Made9Boat-0f1e.webp": picture("red", "WEBP"),
            "file-Unused1-left.png": picture("white"),
            "user.json": '{"id": "user-1", "email": "ann@example.org"}',
            "message_feedback.json": "[]",
            "chat.html": "<html></html>",
        }
    )


def claude() -> bytes:
    return zipped(
        {
            "conversations.json": (FOLDER / "claude/conversations.json").read_text(),
            "users.json": "[]",
            "projects.json": "[]",
        }
    )


def open_webui() -> bytes:
    text = (FOLDER / "open-webui/chats.json").read_text()
    address = "data:image/png;base64," + base64.b64encode(picture("yellow")).decode()
    return text.replace("@picture@", address).encode()


def librechat() -> bytes:
    return (FOLDER / "librechat/conversation.json").read_bytes()


def lobechat() -> bytes:
    return (FOLDER / "lobechat/browser.json").read_bytes()


def lobechat_server() -> bytes:
    return (FOLDER / "lobechat/server.json").read_bytes()
