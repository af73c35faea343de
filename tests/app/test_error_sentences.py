"""Every error code that the server can send has sentences of its own in the web app, in both of its languages."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import freehold
from freehold.errors import FreeholdError

WEB = Path(__file__).parents[2] / "web" / "src"
STORED = {"interrupted"}
"""Codes that no exception has: of an answer whose server ended."""


def kinds(kind: type[FreeholdError] = FreeholdError) -> Iterator[type[FreeholdError]]:
    yield kind
    for derived in kind.__subclasses__():
        yield from kinds(derived)


def server_codes() -> set[str]:
    for module in pkgutil.walk_packages(freehold.__path__, "freehold."):
        if not module.name.endswith("__main__") and ".versions." not in module.name:
            importlib.import_module(module.name)
    return {kind.code for kind in kinds() if kind.__module__.startswith("freehold.")}


def tables() -> str:
    files = ("error-text.ts", "rare/sentences.ts")
    return "".join((WEB / "features" / "errors" / name).read_text(encoding="utf-8") for name in files)


def catalogue(locale: str) -> dict[str, str]:
    """Every string of a language, by its English one."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((WEB / "locales" / locale).glob("*.po")))
    quoted = r'((?:"(?:[^"\\]|\\.)*"\n)+)'

    def joined(lines: str) -> str:
        return "".join(line.strip()[1:-1] for line in lines.splitlines()).replace('\\"', '"')

    return {joined(found[0]): joined(found[1]) for found in re.findall(f"msgid {quoted}msgstr {quoted}", text)}


def in_catalogue(written: str) -> str:
    """A sentence as its catalogue has it: `${seconds}` is `{seconds}`, what is more than a name is a number there."""

    def plural(match: re.Match[str]) -> str:
        forms = " ".join(f"{name} {{{form}}}" for name, form in re.findall(r'(\w+): "([^"]*)"', match[2]))
        return f"{{{match[1]}, plural, {forms}}}"

    numbers = count()
    text = re.sub(r"\$\{plural\((\w+), \{ (.*?) \}\)\}", plural, written)
    return re.sub(r"\$\{([^}]*)\}", lambda match: f"{{{match[1] if match[1].isidentifier() else next(numbers)}}}", text)


def test_every_code_has_a_title_and_a_sentence() -> None:
    told = re.findall(r"^ {4,8}(\w+): \{\s*title: (.+?),\s*what:", tables(), re.MULTILINE)
    codes = [code for code, _ in told]
    assert sorted(codes) == sorted(set(codes)), "a code has its sentences in one place"
    assert set(codes) == server_codes() | STORED


def test_every_sentence_is_in_both_languages() -> None:
    written = re.findall(r"\bt`([^`]+)`", tables())
    assert len(written) > 80
    for locale in ("en", "zh-CN"):
        known = catalogue(locale)
        names = list(map(in_catalogue, written))
        assert [name for name in names if not known.get(name)] == [], locale
