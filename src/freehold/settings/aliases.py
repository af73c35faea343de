"""What can be wrong between the aliases of freehold.yaml, before anyone knows which providers there are."""

from collections.abc import Iterator, Mapping

from freehold.settings.areas import ModelAlias
from freehold.settings.environment import nearest
from freehold.settings.sources import Path, Problem


def alias_problems(aliases: Mapping[str, ModelAlias], lines: Mapping[Path, str]) -> list[Problem]:
    """Fallbacks that lead nowhere or in a circle, and targets that are written twice, each with file:line."""
    problems = []
    for name, alias in aliases.items():
        here: Path = ("models", name)
        for index, target in enumerate(alias.targets):
            if target.ref in [earlier.ref for earlier in alias.targets[:index]]:
                path = (*here, "targets", index)
                problems.append(_problem(path, f"{target.ref} is a target already", lines))
        for index, other in enumerate(alias.fallback):
            path = (*here, "fallback", index)
            if "/" in other:
                continue  # provider/model: whether it exists is known once the providers are
            if other not in aliases:
                near = nearest(other, aliases)
                hint = f"; did you mean {near}?" if near else "; write an alias, or provider/model"
                problems.append(_problem(path, f"there is no alias {other!r}{hint}", lines))
            elif circle := _way_back(name, other, aliases):
                problems.append(_problem(path, f"leads in a circle: {' -> '.join([name, *circle])}", lines))
    return problems


def _way_back(start: str, through: str, aliases: Mapping[str, ModelAlias]) -> list[str]:
    """The aliases from `through` back to `start`, or nothing."""

    def ways(at: str, passed: tuple[str, ...]) -> Iterator[list[str]]:
        if at == start:
            yield [*passed, at]
        elif at in aliases and at not in passed:
            for after in aliases[at].fallback:
                yield from ways(after, (*passed, at))

    return next(ways(through, ()), [])


def _problem(path: Path, message: str, lines: Mapping[Path, str]) -> Problem:
    place = next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), "settings")
    return Problem(place, f"{'.'.join(map(str, path))}: {message}")
