"""freehold.yaml: parsed with the line of every value, so that each mistake can be named by file:line."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from freehold.settings.areas import Settings
from freehold.settings.environment import nearest, read_variable
from freehold.settings.sources import Given, Path, Problem

_REFERENCE = re.compile(r"\$\$|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<fallback>[^}]*))?\}")

SECTIONS = (
    *(name for name in Settings.model_fields if name not in ("declared", "config")),
    "providers",
    "models",
    "keys",
    "routing",
    "privacy",
)
"""What may stand at the top of the file."""

LISTS = {"providers": "id and kind", "keys": "name and key"}
"""Sections that are lists, and what each of their items needs."""


def read_yaml(file: FilePath, environ: Mapping[str, str]) -> tuple[dict[Path, Given], dict[Path, str], list[Problem]]:
    """The settings in `file`, the place (`file:line`) of every value in it, and everything that is wrong.

    `${NAME}` stands for a variable (or the content of the file in NAME_FILE), `${NAME:-default}` has a default, `$$`
    is a dollar sign.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        return {}, {}, [Problem(str(file), f"cannot be read: {reason}")]
    yaml = YAML(typ="safe", pure=True)
    reader = _Reader(str(file), yaml, environ)
    try:
        root = yaml.compose(text)
        data = {} if root is None else reader.value(root, ())
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        return {}, {}, [Problem(f"{file}{line}", _syntax(error))]
    except (YAMLError, ValueError) as error:
        return {}, {}, [Problem(str(file), f"is not YAML: {error}")]
    if not isinstance(data, dict):
        return {}, {}, [Problem(f"{file}:1", "must hold sections such as `providers:` and `server:`")]
    return *_settings(data, reader), reader.problems


@dataclass(slots=True)
class _Reader:
    """Turns nodes into plain values and remembers their lines."""

    file: str
    yaml: YAML
    environ: Mapping[str, str]
    lines: dict[Path, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def value(self, node: Node, path: Path) -> Any:
        self.lines.setdefault(path, self._at(node))
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        plain = self.yaml.constructor.construct_object(node)
        return self._expanded(plain, node) if isinstance(plain, str) else plain

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self.problems.append(Problem(self._at(key_node), "a key must be a plain word"))
                continue
            key = str(key_node.value)
            if key in result:
                self.problems.append(Problem(self._at(key_node), f"{key} is given twice"))
            # the line of the key: that is where somebody looks, even when the value starts below it
            self.lines[(*path, key)] = self._at(key_node)
            result[key] = self.value(value_node, (*path, key))
        return result

    def _expanded(self, text: str, node: Node) -> str:
        def replace(match: re.Match[str]) -> str:
            name = match["name"]
            if name is None:
                return "$"
            value, problem = read_variable(self.environ, name)
            if problem is not None:
                self.problems.append(problem)
                return ""
            if value is None and match["fallback"] is None:
                self.problems.append(Problem(self._at(node), f"${{{name}}}: the variable {name} is not set"))
            return value if value is not None else (match["fallback"] or "")

        return _REFERENCE.sub(replace, text)

    def _at(self, node: Node) -> str:
        return f"{self.file}:{node.start_mark.line + 1}"


def _settings(data: dict[str, Any], reader: _Reader) -> tuple[dict[Path, Given], dict[Path, str]]:
    given: dict[Path, Given] = {}
    for section, value in data.items():
        origin = reader.lines[(section,)]
        if section not in SECTIONS:
            near = nearest(section, SECTIONS)
            hint = f"; did you mean {near}?" if near else f"; there are {', '.join(SECTIONS)}"
            reader.problems.append(Problem(origin, f"{section}: there is no such section{hint}"))
        elif section in LISTS:
            given[(section,)] = Given(_with_origin(section, value, reader), origin)
        elif section == "models" and not isinstance(value, dict | None):
            reader.problems.append(Problem(origin, "models: must be a mapping, each alias with its targets"))
        elif isinstance(value, dict):
            if section == "models":
                _with_places(value, reader)
            elif section == "routing":
                _with_lines_of_rules(value, reader)
            for name, inner in value.items():
                given[(section, name)] = Given(inner, reader.lines[(section, name)])
        elif value is not None:
            given[(section,)] = Given(value, origin)
    return given, reader.lines


def _with_origin(section: str, items: Any, reader: _Reader) -> Any:
    """The items of a list section, each with the line where it stands."""
    if items is None:
        return []
    if not isinstance(items, list):
        needed = f"{section}: must be a list, each with {LISTS[section]}"
        reader.problems.append(Problem(reader.lines[(section,)], needed))
        return []
    for index, item in enumerate(items):
        if isinstance(item, dict):
            for reserved in ("origin", "origin_detail"):
                if reserved in item:
                    place = reader.lines[(section, index, reserved)]
                    reader.problems.append(Problem(place, f"{section}.{index}.{reserved}: there is no such setting"))
            item["origin"] = "file"
            name = FilePath(reader.file).name
            item["origin_detail"] = f"{name}:{reader.lines[(section, index)].rpartition(':')[2]}"
    return items


def _with_places(aliases: dict[str, Any], reader: _Reader) -> None:
    """Each alias and each of its targets gets the line where it stands: what is wrong with them may show later."""
    for alias_name, alias in aliases.items():
        targets = alias.get("targets") if isinstance(alias, dict) else None
        written: list[tuple[Path, Any]] = [(("models", alias_name), alias)]
        if isinstance(targets, list):
            written += [(("models", alias_name, "targets", index), target) for index, target in enumerate(targets)]
        _place(written, reader)


def _with_lines_of_rules(routing: dict[str, Any], reader: _Reader) -> None:
    """The same for each rule and each test."""
    for name in ("rules", "tests"):
        items = routing.get(name)
        if isinstance(items, list):
            _place([(("routing", name, index), item) for index, item in enumerate(items)], reader)


def _place(written: Iterable[tuple[Path, Any]], reader: _Reader) -> None:
    for path, item in written:
        if not isinstance(item, dict):
            continue
        if "place" in item:
            name = ".".join(map(str, (*path, "place")))
            reader.problems.append(Problem(reader.lines[(*path, "place")], f"{name}: there is no such setting"))
        item["place"] = f"{FilePath(reader.file).name}:{reader.lines[path].rpartition(':')[2]}"


def _syntax(error: MarkedYAMLError) -> str:
    """What the parser says, on one line."""
    parts = [part for part in (error.context, error.problem) if part]
    return "not valid YAML: " + ", ".join(" ".join(part.split()) for part in parts)
