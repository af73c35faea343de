"""Guards against the road that systems of this kind went: huge files, swallowed errors, settings read everywhere."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import BaseRoute

ROOT = Path(__file__).parents[1]
PRODUCT = ROOT / "src" / "freehold"
GENERATED = ("web/src/api/schema.d.ts", "web/src/locales/")
LONGEST_FILE = 500
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}

PUBLIC = {
    "POST /api/shared/{token}": "whoever has the link of a shared chat reads it",
    "GET /api/shared/{token}/files/{file_id}": "the images of a shared chat",
    "GET /healthz": "load balancers ask it; it says nothing about anybody",
    "GET /readyz": "the same",
    "GET /api/bootstrap": "what the page must know to show the sign-in form or the app",
    "POST /api/session": "signing in",
    "POST /api/setup": "the first administrator, with a one-time token",
    "GET /metrics": "judged by metrics_allowed: administrators, or a port of its own",
    "GET /api/openapi.json": "judged by documentation_allowed: administrators, or everyone by setting",
    "GET /api/docs": "the same",
}
"""Operations that answer without Member, Admin or MemberSocket, and why."""


def product_files() -> list[Path]:
    return sorted(PRODUCT.rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def nodes(*kinds: type[ast.AST]) -> Iterator[tuple[Path, ast.AST]]:
    for path in product_files():
        for node in ast.walk(tree(path)):
            if isinstance(node, kinds):
                yield path, node


def place(path: Path, node: ast.AST | None = None) -> str:
    line = f":{getattr(node, 'lineno', 1)}" if node is not None else ""
    return f"{path.relative_to(ROOT)}{line}"


def source_files() -> list[Path]:
    """Every hand-written source file of the repository, as git would see it."""
    wanted = {".py", ".ts", ".tsx", ".mjs", ".js", ".css", ".c", ".sh"}
    folders = [ROOT / name for name in ("src", "web", "tests", "bench", "deploy", "examples", "tools", ".ci")]
    skipped = {"node_modules", "web_dist", "__pycache__", "dist", "test-results", "playwright-report", "coverage"}
    return [
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in wanted
        and path.is_file()
        and not skipped & set(path.relative_to(ROOT).parts)
        and not path.relative_to(ROOT).as_posix().startswith(GENERATED)
    ]


def test_no_source_file_is_long() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in source_files()}
    assert len(lengths) > 50
    assert [f"{place(path)} has {n} lines" for path, n in sorted(lengths.items()) if n > LONGEST_FILE] == []


def test_ruff_keeps_functions_short_and_simple() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert lint["mccabe"]["max-complexity"] <= 12
    assert lint["pylint"]["max-statements"] <= 60
    assert {"C90", "PL", "BLE", "E"} <= set(lint["select"])
    assert not {"C901", "PLR0915", "BLE001"} & set(lint["ignore"])
    excused = re.compile(r"#\s*noqa:.*\b(C901|PLR0915|PLR0912)\b")
    assert [place(path) for path in product_files() if excused.search(path.read_text())] == []


def test_every_module_says_what_it_is_for() -> None:
    # a package's __init__ that only exists to be a package may stay empty
    silent = [
        place(path)
        for path in product_files()
        if path.read_text().strip() and not (ast.get_docstring(tree(path)) or "").strip()
    ]
    assert silent == []


def test_no_module_has_a_vague_name() -> None:
    names = [path for path in source_files() if {path.stem.split(".")[0], *path.parent.parts} & VAGUE_NAMES]
    assert [place(path) for path in names] == []


def test_broad_handlers_raise_again_or_name_their_reason() -> None:
    reasoned = re.compile(r"#\s*noqa: BLE001\s*[-:(]?\s*\w.{15,}")
    found = []
    for path, node in nodes(ast.ExceptHandler):
        assert isinstance(node, ast.ExceptHandler)
        names = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)} if node.type else {"bare"}
        if not names & {"Exception", "BaseException", "bare"}:
            continue
        raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
        line = path.read_text().splitlines()[node.lineno - 1]
        if "bare" in names or not (raises or reasoned.search(line)):
            found.append(place(path, node))
    assert found == []


def test_only_settings_reads_the_environment() -> None:
    found = []
    for path, node in nodes(ast.Attribute, ast.ImportFrom):
        if path.is_relative_to(PRODUCT / "settings"):
            continue
        if isinstance(node, ast.Attribute):
            read = isinstance(node.value, ast.Name) and node.value.id == "os" and node.attr in ("environ", "getenv")
        else:
            assert isinstance(node, ast.ImportFrom)
            read = node.module == "os" and any(name.name in ("environ", "getenv") for name in node.names)
        if read:
            found.append(place(path, node))
    assert found == []


def test_only_deps_reads_app_state() -> None:
    found = []
    for path, node in nodes(ast.Attribute):
        assert isinstance(node, ast.Attribute)
        holder = node.value
        name = holder.attr if isinstance(holder, ast.Attribute) else getattr(holder, "id", "")
        if node.attr == "state" and name == "app" and path != PRODUCT / "deps.py":
            found.append(place(path, node))
    assert found == []


def test_one_package_speaks_to_upstreams() -> None:
    found = {
        place(path)
        for path, node in nodes(ast.Import, ast.ImportFrom)
        for name in imported(node)
        if name.split(".")[0] in ("aiohttp", "httptools")
    }
    assert found == {"src/freehold/providers/upstream/connection.py"}


def test_every_other_connection_goes_through_the_judged_client() -> None:
    openers = {"AsyncClient", "Client", "AsyncHTTPTransport", "HTTPTransport", "get", "post", "request", "stream"}
    found = [
        place(path, node)
        for path, node in nodes(ast.Attribute)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("httpx", "httpx2", "requests")
        and node.attr in openers
        and not place(path).startswith("src/freehold/kit/")
    ]
    assert found == []


def test_wire_codecs_do_no_input_or_output() -> None:
    permitted = {"orjson", "pydantic", "pydantic_core", "freehold"} | set(sys.stdlib_module_names)
    forbidden = {"socket", "asyncio", "urllib", "http", "subprocess"}
    found = [
        f"{place(path, node)} imports {name}"
        for path, node in nodes(ast.Import, ast.ImportFrom)
        for name in imported(node)
        if path.is_relative_to(PRODUCT / "wire")
        and (name.split(".")[0] not in permitted or name.split(".")[0] in forbidden)
    ]
    assert found == []


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    assert isinstance(node, ast.ImportFrom)
    return [node.module] if node.module and not node.level else []


def test_nothing_is_left_for_later() -> None:
    marker = re.compile(r"\b(TODO|FIXME|XXX)\b")
    mine = Path(__file__)
    assert [place(path) for path in source_files() if path != mine and marker.search(path.read_text())] == []


def test_layers_import_only_downwards() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def routes(found: list[BaseRoute]) -> Iterator[APIRoute | APIWebSocketRoute]:
    for route in found:
        if isinstance(route, APIRoute | APIWebSocketRoute):
            yield route
        else:
            # a router that was included keeps its routes, under their full paths, in `original_router`
            inner = getattr(route, "original_router", route)
            yield from routes(list(getattr(inner, "routes", None) or []))


def dependencies(dependant: Dependant) -> Iterator[object]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from dependencies(inner)


def operations(route: APIRoute | APIWebSocketRoute) -> list[str]:
    methods = sorted(route.methods) if isinstance(route, APIRoute) else ["WEBSOCKET"]
    return [f"{method} {route.path}" for method in methods]


def test_every_route_knows_who_asks() -> None:
    from freehold.access.dependencies import admin, anyone, member, member_socket
    from freehold.app import routers

    known = {
        operation: set(dependencies(route.dependant))
        for router in routers()
        for route in routes(list(router.routes))
        for operation in operations(route)
    }
    assert len(known) > 20
    unguarded = {operation for operation, calls in known.items() if not {admin, member, member_socket} & calls}
    assert sorted(unguarded - set(PUBLIC)) == [], "name Member or Admin, or list the operation with its reason"
    assert sorted(set(PUBLIC) - unguarded) == [], "listed as public, but it is not or does not exist"
    # the check for cross-site requests is part of Public, so a public write without it has none
    assert [name for name in sorted(unguarded) if not name.startswith("GET ") and anyone not in known[name]] == []
