"""Whether what the aliases of freehold.yaml name is configured: providers, and models where those are declared."""

from collections.abc import Iterator, Mapping

from freehold.errors import ConfigurationError, Conflict
from freehold.providers import cards
from freehold.providers.origins import Configured
from freehold.settings.areas import ModelAlias
from freehold.settings.environment import nearest
from freehold.settings.sources import Problem


def check(aliases: Mapping[str, ModelAlias], configured: Mapping[str, Configured]) -> None:
    """Raises ConfigurationError that names every mistake with its line.

    A model of a provider that is asked for its list is not judged: it may be there tomorrow.
    """
    problems = list(_problems(aliases, configured))
    if problems:
        raise ConfigurationError("\n".join(map(str, problems)), next_step="Correct what is named and start again.")


def refuse_used(aliases: Mapping[str, ModelAlias], provider_id: str) -> None:
    """Raise Conflict for a provider that an alias asks."""
    for name, alias in aliases.items():
        if any(ref.partition("/")[0] == provider_id for ref, _, _ in _refs(name, alias)):
            raise Conflict(
                f"The alias {name} ({alias.place or 'freehold.yaml'}) asks this provider.",
                next_step="Take it out of the alias first, or turn the provider off instead.",
                provider_id=provider_id,
                alias=name,
            )


def _problems(aliases: Mapping[str, ModelAlias], configured: Mapping[str, Configured]) -> Iterator[Problem]:
    for name, alias in aliases.items():
        place = alias.place or "freehold.yaml"
        if name in configured:
            yield Problem(place, f"models.{name}: there is a provider with that id; give the alias another name")
        for ref, dotted, at in _refs(name, alias):
            provider_id, _, model_id = ref.partition("/")
            provider = configured.get(provider_id)
            if provider is None:
                near = nearest(provider_id, configured)
                hint = f"; did you mean {near}?" if near else ""
                yield Problem(at or place, f"{dotted}: there is no provider {provider_id!r}{hint}")
            elif provider.names_models and not cards.matches(model_id, provider.config.models):
                near = nearest(model_id, provider.config.models)
                hint = f"; did you mean {near}?" if near else ""
                yield Problem(at or place, f"{dotted}: {provider_id} has no model {model_id!r}{hint}")


def _refs(name: str, alias: ModelAlias) -> Iterator[tuple[str, str, str | None]]:
    """Every provider/model of an alias, the setting that names it and its line."""
    for index, target in enumerate(alias.targets):
        yield target.ref, f"models.{name}.targets.{index}", target.place
    for index, other in enumerate(alias.fallback):
        if "/" in other:
            yield other, f"models.{name}.fallback.{index}", None
