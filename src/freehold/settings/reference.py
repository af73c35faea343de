"""Writes docs/reference/settings.md from the code: `python -m freehold.settings.reference [FOLDER]`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from freehold.settings.api_keys import DeclaredKey
from freehold.settings.areas import AliasTarget, DeclaredModel, DeclaredProvider, ModelAlias, Settings
from freehold.settings.environment import ALIASES, SHORT_NAMES, is_secret
from freehold.settings.privacy import DataClass
from freehold.settings.routing import (
    AutoSettings,
    Bounds,
    CascadeSettings,
    Change,
    Expect,
    Given,
    Guards,
    Require,
    RoutingSettings,
    Rule,
    Spent,
    Then,
    TimeOfDay,
    Trial,
    When,
)

HEAD = """# Settings

<!-- Written by `python -m freehold.settings.reference`; a test keeps it current. -->

A setting comes from the command line, else from a variable, else from `freehold.yaml`, else it has its default. The
first of these that is given wins. `freehold settings` prints what a server would run with and where it is from.

- **Variables**: `FREEHOLD_` + area + `__` + name, for example `FREEHOLD_SERVER__PORT=8080`. Lists are separated by
  commas. `NAME_FILE` names a file that holds the value. A variable that nothing reads is a warning at start.
- **freehold.yaml** is read from the working directory, or from the path in `--config` or `FREEHOLD_CONFIG`. `${NAME}`
  stands for a variable, `${NAME:-default}` has a default, `$$` is a dollar sign. What is wrong in it is named
  with file and line. It is read again when it changes and on SIGHUP: `providers`, `models`, `keys`, `routing`,
  `privacy`, `budgets`, `limits.user`, `limits.models` and `log` change at once, the rest waits for a restart. A file
  that is wrong changes nothing; the log and `GET /api/system` say why. A file made where there was none when the server
  started is read at the next start.
- **LobeChat's names** mean the same here: `PORT`, `DATABASE_URL`, `ACCESS_CODE`, `APP_URL`, and for each vendor of the
  catalogue `X_API_KEY`, `X_PROXY_URL`, `X_MODEL_LIST` and `ENABLED_X`, for example `OPENAI_API_KEY`.
"""


_OF_RULES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("A rule in `rules`", Rule),
    ("Its condition, `when`", When),
    ("A number, such as `context_tokens`", Bounds),
    ("`time`", TimeOfDay),
    ("`spend`", Spent),
    ("What it does, `then`", Then),
    ("`require`", Require),
    ("`set`", Change),
    ("A test in `tests` has a request, `given`", Given),
    ("and what has to come of it, `expect`", Expect),
)


def settings_page() -> str:
    """The page of every setting."""
    parts = [HEAD, _section("General", Settings, (), "")]
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if name != "declared" and isinstance(kind, type) and issubclass(kind, BaseModel):
            parts.append(_section(name, kind, (name,), f"{kind.__doc__ or ''}"))
    parts.append(
        "## providers\n\nA list in `freehold.yaml`; the web app shows these providers as locked, with their line.\n"
    )
    parts.append(_fields(DeclaredProvider, ("origin", "origin_detail")))
    parts.append("A model is an id, or a mapping:\n")
    parts.append(_fields(DeclaredModel, ()))
    parts.append(
        "## models\n\nAliases: names that people and programs ask for, each with the deployments behind it. See "
        "[docs/operator/models.md](../operator/models.md).\n"
    )
    parts.append(_fields(ModelAlias, ("place",)))
    parts.append("A target:\n")
    parts.append(_fields(AliasTarget, ("place",)))
    parts.append(
        "## keys\n\nA list in `freehold.yaml` of API keys for `/v1`; the web app shows them as locked.\n"
        "A key that is taken out of the file stops within seconds. When it was last used is known since the start.\n"
    )
    parts.append(_fields(DeclaredKey, ("origin", "origin_detail")))
    parts.append("## routing\n\nHow a model is chosen. See [docs/operator/routing.md](../operator/routing.md).\n")
    parts.append(_fields(RoutingSettings, ("auto", "trial", "rules", "tests")))
    parts.append("`auto`:\n")
    parts.append(_fields(AutoSettings, ()))
    parts.append("`cascade` in it:\n")
    parts.append(_fields(CascadeSettings, ()))
    parts.append("`trial`: another way to decide, for a share of the people:\n")
    parts.append(_fields(Trial, ()))
    parts.append("`guards` in it:\n")
    parts.append(_fields(Guards, ()))
    for lead, kind in _OF_RULES:
        parts.append(f"{lead}:\n")
        parts.append(_fields(kind, ("place",)))
    parts.append(
        "## privacy\n\nWhat may leave the house. See [docs/operator/privacy.md](../operator/privacy.md).\n\n"
        "A class of data in `classes`:\n"
    )
    parts.append(_fields(DataClass, ()))
    return "\n".join(parts)


def _section(title: str, kind: type[BaseModel], path: tuple[str, ...], about: str) -> str:
    rows = ["| name in the file | variable | default | meaning |", "|---|---|---|---|"]
    for name, field in kind.model_fields.items():
        inner = field.annotation
        if not path and isinstance(inner, type) and issubclass(inner, BaseModel):
            continue
        here = (*path, name)
        in_file = f"`{'.'.join(here)}`" if here != ("config",) else "-"
        rows.append(
            f"| {in_file} | {'<br>'.join(_variables(here))} | {_default(field)} | {_cell(field.description or '')} |"
        )
    lead = f"{about.strip()}\n\n" if about else ""
    return f"## {title}\n\n{lead}" + "\n".join(rows) + "\n"


def _variables(path: tuple[str, ...]) -> Iterator[str]:
    yield f"`FREEHOLD_{'__'.join(path)}`".upper()
    for names in (SHORT_NAMES, ALIASES):
        for variable, target in names.items():
            if target == path:
                yield f"`{variable}`"
    if is_secret(path):
        yield "and each with `_FILE`"


def _fields(kind: type[BaseModel], left_out: tuple[str, ...]) -> str:
    rows = ["| name | default | meaning |", "|---|---|---|"]
    for name, field in kind.model_fields.items():
        if name not in left_out:
            rows.append(f"| `{field.alias or name}` | {_default(field)} | {_cell(field.description or '')} |")
    return "\n".join(rows) + "\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value: Any = field.default
    if value is None or value in ((), {}) or isinstance(value, BaseModel):
        return "-"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(folder: Path) -> None:
    """Write the page into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.md").write_text(settings_page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference"))
