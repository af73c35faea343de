"""Settings from environment variables: FREEHOLD_* by area, short names, LobeChat's names, and *_FILE for secrets."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import get_args

from pydantic import BaseModel, SecretStr

from freehold.settings.areas import Settings
from freehold.settings.sources import Given, Path, Problem

PREFIX = "FREEHOLD_"

SHORT_NAMES: dict[str, Path] = {
    "FREEHOLD_HOST": ("server", "host"),
    "FREEHOLD_PORT": ("server", "port"),
    "FREEHOLD_PUBLIC_URL": ("server", "public_url"),
    "FREEHOLD_ALLOWED_HOSTS": ("server", "allowed_hosts"),
    "FREEHOLD_TRUSTED_PROXIES": ("server", "trusted_proxies"),
    "FREEHOLD_PLAIN_HTTP": ("server", "plain_http"),
    "FREEHOLD_DATABASE_URL": ("database", "url"),
    "FREEHOLD_ACCESS_CODE": ("auth", "access_code"),
    "FREEHOLD_MASTER_KEY": ("security", "master_key"),
}
"""What people type most, without the area."""

ALIASES: dict[str, Path] = {
    "PORT": ("server", "port"),
    "DATABASE_URL": ("database", "url"),
    "REDIS_URL": ("redis", "url"),
    "ACCESS_CODE": ("auth", "access_code"),
    "APP_URL": ("server", "public_url"),
    "OTEL_EXPORTER_OTLP_ENDPOINT": ("tracing", "endpoint"),
}
"""LobeChat's names (and those of platforms and OpenTelemetry) where they mean the same; the FREEHOLD_ name wins."""

OTHERS_PREFIXES = ("FREEHOLD_CHECK_", "FREEHOLD_DEV_", "FREEHOLD_START_")
"""Variables of ./check, ./start and the web's development server."""


def variables() -> dict[str, Path]:
    """Every variable that is read, by name; `FREEHOLD_<AREA>__<FIELD>` for each field of each area."""
    names: dict[str, Path] = {}
    for name, field in Settings.model_fields.items():
        if name == "declared":
            continue
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            for inner in kind.model_fields:
                names[f"{PREFIX}{name}__{inner}".upper()] = (name, inner)
        else:
            names[f"{PREFIX}{name}".upper()] = (name,)
    return names | SHORT_NAMES | ALIASES


def is_secret(path: Path) -> bool:
    """Whether the setting at `path` is a SecretStr."""
    annotation: object = Settings
    for name in path:
        assert isinstance(annotation, type)
        assert issubclass(annotation, BaseModel)
        annotation = annotation.model_fields[str(name)].annotation
    return annotation is SecretStr or SecretStr in get_args(annotation)


def read_variable(environ: Mapping[str, str], name: str) -> tuple[str | None, Problem | None]:
    """The value of `name`, or what the file named by `name`_FILE holds without the line end. An empty value is none."""
    if environ.get(name):
        return environ[name], None
    file = environ.get(f"{name}_FILE")
    if not file:
        return None, None
    try:
        return FilePath(file).read_text(encoding="utf-8").rstrip("\r\n") or None, None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        return None, Problem(f"{name}_FILE", f"cannot read {file}: {reason}")


def from_environment(environ: Mapping[str, str]) -> tuple[dict[Path, Given], list[Problem]]:
    """What the environment sets, and what is wrong with it. Explicit names win over short ones, those over aliases."""
    known = variables()
    ranked = sorted(known, key=lambda name: (name not in ALIASES, name not in SHORT_NAMES))
    given: dict[Path, Given] = {}
    problems: list[Problem] = []
    for name in ranked:
        value, problem = read_variable(environ, name)
        if problem:
            problems.append(problem)
        if value is not None:
            given[known[name]] = Given(value, name if environ.get(name) else f"{name}_FILE")
    return given, problems


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """A warning for each FREEHOLD_ variable that nothing reads, with the nearest name that something does."""
    known = variables()
    warnings = []
    for name in sorted(environ):
        plain = name.removesuffix("_FILE")
        if not name.startswith(PREFIX) or name.startswith(OTHERS_PREFIXES) or name in known or plain in known:
            continue
        near = nearest(name, known)
        hint = f" Did you mean {near}?" if near else " See docs/reference/settings.md."
        warnings.append(f"{name} is set, but no setting has that name.{hint}")
    return warnings


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `name`, or None."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return found[0] if found else None
