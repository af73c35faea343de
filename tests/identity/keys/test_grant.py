"""Pure decisions about a grant: models, addresses, scopes."""

from ipaddress import ip_network

import pytest

from freehold.access.rights import require_address, require_scope
from freehold.access.subject import Subject
from freehold.errors import AddressNotAllowed, ScopeMissing
from freehold.identity.keys.grant import Grant


def subject(*, models: tuple[str, ...] = ("*",), networks: tuple[str, ...] = ()) -> Subject:
    nets = tuple(ip_network(item) for item in networks)
    return Subject.of_key(Grant("k", "ci", "u", "member", frozenset({"chat"}), models=models, networks=nets))


@pytest.mark.parametrize(
    ("pattern", "allowed", "refused"),
    [
        ("*", ["fast", "openai/gpt-4o"], []),
        ("gpt-4o", ["gpt-4o", "openai/gpt-4o", "azure/gpt-4o"], ["gpt-4o-mini", "openai/gpt-4o-mini", "GPT-4o"]),
        ("openai/*", ["openai/gpt-4o"], ["gpt-4o", "azure/openai"]),
        ("gpt-*", ["openai/gpt-4o", "gpt-5"], ["claude"]),
        ("meta/*/chat", ["router/meta/llama/chat"], ["router/meta/llama"]),
        ("qwen3:?b", ["ollama/qwen3:8b"], ["ollama/qwen3:14b"]),
        ("fast", ["fast"], ["smart", "faster"]),
    ],
)
def test_patterns_match_aliases_references_and_bare_ids(pattern: str, allowed: list[str], refused: list[str]) -> None:
    grant = subject(models=("nothing", pattern)).grant
    assert grant is not None
    assert [name for name in allowed if not grant.allows_model(name)] == []
    assert [name for name in refused if grant.allows_model(name)] == []


def test_an_allowed_alias_allows_what_it_leads_to() -> None:
    grant = subject(models=("fast",)).grant
    assert grant is not None
    assert grant.allows_model("fast", "openai/gpt-4o")


def test_addresses() -> None:
    who = subject(networks=("10.0.0.0/8", "2001:db8::/32"))
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1"):
        require_address(who, address)
    for address in ("11.0.0.1", "::1", "::ffff:11.0.0.1", "unknown", ""):
        with pytest.raises(AddressNotAllowed):
            require_address(who, address)
    require_address(subject(), "unknown")


def test_scopes_and_that_people_are_not_held_back() -> None:
    require_scope(subject(), "chat")
    with pytest.raises(ScopeMissing) as refused:
        require_scope(subject(), "images")
    assert refused.value.body().params == {"scope": "images"}
    person = Subject("u", "member", "s")
    require_scope(person, "images")
    require_address(person, "unknown")
