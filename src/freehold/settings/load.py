"""Puts the settings together: defaults, freehold.yaml, the environment, the command line; the last one wins."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, get_args

from pydantic import ValidationError

from freehold.errors import ConfigurationError
from freehold.settings.aliases import alias_problems
from freehold.settings.api_keys import DeclaredKey
from freehold.settings.areas import AliasTarget, DeclaredProvider, ModelAlias, Settings
from freehold.settings.environment import from_environment, nearest, unknown_variables
from freehold.settings.lobechat import VendorNames, providers_from_environment
from freehold.settings.privacy import PrivacySettings
from freehold.settings.routing import RoutingSettings, routing_problems
from freehold.settings.sources import Given, Path, Problem, merge, tree

DEFAULT_FILE = FilePath("freehold.yaml")
"""Read from the working directory when no other file is named."""

LISTS: tuple[Path, ...] = (("providers",), ("keys",))
"""Sections of the file that are lists; a mistake in one is named by the line of the item."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings with the origin of each value that is not a default, and what deserves a warning."""

    settings: Settings
    origins: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def load_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """The settings of this process; raises ConfigurationError that names everything that is wrong at once."""
    return load(overrides).settings


def load(
    overrides: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    vendors: Iterable[VendorNames] = (),
) -> Loaded:
    """Read every source.

    `overrides` maps dotted names to values from the command line, for example `{"server.port": 8080}`; None is left
    out. `vendors` are those whose LobeChat variables (`OPENAI_API_KEY`, ...) declare a provider.
    """
    environ = os.environ if environ is None else environ
    typed: dict[Path, Given] = {
        tuple(name.split(".")): Given(value, f"--{name.rpartition('.')[2].replace('_', '-')}")
        for name, value in (overrides or {}).items()
        if value is not None
    }
    from_env, problems = from_environment(environ)
    outer = merge(from_env, typed)
    from_file: dict[Path, Given] = {}
    lines: dict[Path, str] = {}
    if ("config",) not in outer and DEFAULT_FILE.is_file():
        outer[("config",)] = Given(DEFAULT_FILE, "./freehold.yaml")
    chosen = outer.get(("config",))
    if chosen is not None:
        from freehold.settings.yaml_file import read_yaml

        from_file, lines, more = read_yaml(FilePath(chosen.value), environ)
        problems += more
    given = merge(from_file, outer)
    declared, more, warnings = providers_from_environment(environ, vendors)
    problems += more
    settings = _validated(given, declared, lines, problems)
    return Loaded(
        settings,
        {".".join(str(name) for name in path): item.origin for path, item in given.items()},
        (*unknown_variables(environ), *warnings),
    )


def _validated(
    given: Mapping[Path, Given],
    declared: list[dict[str, Any]],
    lines: Mapping[Path, str],
    problems: list[Problem],
) -> Settings:
    """Validate everything together, so that one run names every mistake."""
    values = tree(given)
    in_file, keys = values.pop("providers", []), values.pop("keys", [])
    taken = {item.get("id") for item in in_file if isinstance(item, dict)}
    listed = in_file if isinstance(in_file, list) else [in_file]
    values["declared"] = {"providers": [*listed, *(item for item in declared if item["id"] not in taken)]}
    values["declared"]["models"] = values.pop("models", {})
    values["declared"]["keys"] = keys
    values["declared"]["routing"] = values.pop("routing", {})
    values["declared"]["privacy"] = values.pop("privacy", {})
    settings = None
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems += _explained(error, given, lines)
    else:
        declared_now = settings.declared
        problems += [*_doubled(settings, lines), *alias_problems(declared_now.models, lines)]
        problems += routing_problems(declared_now.routing, lines)
    if problems or settings is None:
        raise refused(problems)
    return settings


def refused(problems: Iterable[Problem]) -> ConfigurationError:
    """One error that names each problem on a line of its own."""
    texts = list(dict.fromkeys(str(problem) for problem in problems))
    return ConfigurationError("\n".join(texts), next_step="Correct what is named and start again.")


def _explained(error: ValidationError, given: Mapping[Path, Given], lines: Mapping[Path, str]) -> list[Problem]:
    problems = []
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        location = item["loc"]
        if location[0] == "declared":
            location = location[1:]
        message = item["msg"].removeprefix("Value error, ")
        name = _dotted(location)
        if item["type"] == "extra_forbidden":
            near = nearest(str(location[-1]), _siblings(location))
            message = "there is no such setting" + (f"; did you mean {near}?" if near else "")
        problems.append(Problem(_origin(location, given, lines), f"{name}: {message[:1].lower()}{message[1:]}"))
    return problems


def _origin(location: Path, given: Mapping[Path, Given], lines: Mapping[Path, str]) -> str:
    """The place of the closest enclosing value that somebody wrote."""
    for end in range(len(location), 0, -1):
        path = location[:end]
        if path in given:
            return lines.get(location[: end + 1], given[path].origin) if path in LISTS else given[path].origin
        if path in lines:
            return lines[path]
    return "settings"


def _siblings(location: Path) -> list[str]:
    """The names that exist beside the one at `location`."""
    if location[0] == "providers":
        return ["models", *DeclaredProvider.model_fields]
    if location[0] == "models":
        kinds = (AliasTarget,) if "targets" in location[:-1] else (ModelAlias, AliasTarget)
        return [name for kind in kinds for name in kind.model_fields if name != "place"]
    kinds_of = {"keys": DeclaredKey, "routing": RoutingSettings, "privacy": PrivacySettings}
    kind: Any = kinds_of.get(str(location[0]), Settings)
    for name in location[:-1]:
        kind = _section(kind.model_fields[name].annotation) if name in kind.model_fields else kind
    return list(kind.model_fields)


def _section(annotation: Any) -> Any:
    """The section that a field holds, by itself or in a list or a mapping by name."""
    if hasattr(annotation, "model_fields"):
        return annotation
    return next((found for item in get_args(annotation) if (found := _section(item)) is not None), None)


def _doubled(settings: Settings, lines: Mapping[Path, str]) -> list[Problem]:
    """What may stand only once in a list and stands there twice."""
    providers, keys = settings.declared.providers, settings.declared.keys
    secrets = [key.key.get_secret_value() for key in keys]
    problems = []
    for section, name, values, items in (
        ("providers", "id", [provider.id for provider in providers], providers),
        ("keys", "name", [key.name for key in keys], keys),
        ("keys", "key", secrets, keys),
    ):
        for index, value in enumerate(values):
            if value in values[:index]:
                origin = lines.get((section, index, name), items[index].origin_detail or "settings")
                shown = "the same secret" if values is secrets else repr(value)
                problems.append(Problem(origin, f"{section}.{index}.{name}: {shown} is declared twice"))
    return problems


def _dotted(location: Path) -> str:
    return ".".join(str(name) for name in location)
