"""The API's own description: OpenAPI as JSON, and as one page that needs no script and no other host."""

from html import escape
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response

from freehold.access.cookies import PLAIN_NAME, SECURE_NAME
from freehold.access.dependencies import admin
from freehold.deps import ServicesDep

router = APIRouter()

PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
DESCRIPTION = """\
Every request that changes something says which page it comes from: browsers do by themselves, a program sends the
header `Origin` with this server's own address. Bodies are JSON.

    curl http://127.0.0.1:3210/api/threads -H "Origin: http://127.0.0.1:3210" --json '{}'

Where accounts are on, the cookie of `POST /api/session` goes with each request (`curl -c jar`, then `curl -b jar`).
"""
STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code, pre { font-family: ui-monospace, monospace; font-size: .9em }
pre { overflow: auto; padding: .75rem; border: 1px solid #8884 }
summary { cursor: pointer; padding: .35rem 0 }
details p { margin: .5rem 0 }
.method { display: inline-block; min-width: 4.5rem; font-weight: 600 }
"""


def describe_access(description: dict[str, Any]) -> dict[str, Any]:
    """The API's description with how a client says who it is: nothing (on this machine only), or the session cookie."""
    description.setdefault("components", {})["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": PLAIN_NAME, "description": "Over http."},
        "session_secure": {"type": "apiKey", "in": "cookie", "name": SECURE_NAME, "description": "Over https."},
        "origin": {
            "type": "apiKey",
            "in": "header",
            "name": "Origin",
            "description": "This server's own address, with every request that changes something.",
        },
    }
    description["security"] = [{}, {"session": [], "origin": []}, {"session_secure": [], "origin": []}]
    return description


async def documentation_allowed(request: Request, services: ServicesDep) -> None:
    """Administrators, or everyone by the setting `documentation.public`."""
    if not services.settings.documentation.public:
        await admin(request)


Allowed = Annotated[None, Depends(documentation_allowed)]


@router.get("/api/openapi.json", include_in_schema=False)
async def openapi(request: Request, _allowed: Allowed) -> dict[str, Any]:
    """The OpenAPI description of this server."""
    return request.app.openapi()


@router.get("/api/docs", include_in_schema=False)
async def docs(request: Request, _allowed: Allowed) -> Response:
    """The operations on one page."""
    body = page(request.app.openapi())
    return Response(body, headers={"Content-Security-Policy": PAGE_POLICY}, media_type="text/html")


def page(description: dict[str, Any]) -> str:
    """The description as HTML, grouped by tag."""
    groups: dict[str, list[str]] = {}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(_operation(path, method, operation))
    sections = "".join(f"<h2>{escape(tag)}</h2>{''.join(items)}" for tag, items in groups.items())
    schemas = "".join(_schema(name, schema) for name, schema in sorted(_schemas(description).items()))
    title = f"{escape(description['info']['title'])} API {escape(description['info']['version'])}"
    about = escape(description["info"].get("description", ""))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{STYLE}</style><h1>{title}</h1>"
        f"<pre>{about}</pre>"
        f'<p>The same as <a href="/api/openapi.json">OpenAPI</a>.</p>{sections}<h2>Schemas</h2>{schemas}</html>'
    )


def _schemas(description: dict[str, Any]) -> dict[str, Any]:
    return description.get("components", {}).get("schemas", {})


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    lines = [f"<p>{escape(operation.get('description', ''))}</p>"]
    for parameter in operation.get("parameters", []):
        needed = "" if parameter.get("required") else ", optional"
        lines.append(f"<p><code>{escape(parameter['name'])}</code> ({escape(parameter['in'])}{needed})</p>")
    body = operation.get("requestBody", {}).get("content", {})
    lines += [f"<p>Body, {escape(kind)}: {_reference(content)}</p>" for kind, content in body.items()]
    for status, response in operation.get("responses", {}).items():
        shapes = [_reference(content) for content in response.get("content", {}).values()]
        lines.append(f"<p>{escape(status)}: {escape(response.get('description', ''))} {' '.join(shapes)}</p>")
    head = f'<span class="method">{escape(method.upper())}</span> <code>{escape(path)}</code>'
    return f"<details><summary>{head}</summary>{''.join(lines)}</details>"


def _reference(content: dict[str, Any]) -> str:
    schema = content.get("schema", {})
    name = str(schema.get("$ref") or schema.get("items", {}).get("$ref") or "").rpartition("/")[2]
    return f'<a href="#{escape(name)}">{escape(name)}</a>' if name else escape(str(schema.get("type", "")))


def _schema(name: str, schema: dict[str, Any]) -> str:
    text = orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode()
    head = f"<summary><code>{escape(name)}</code></summary>"
    return f'<details id="{escape(name)}">{head}<pre>{escape(text)}</pre></details>'
