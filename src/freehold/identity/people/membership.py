"""A group that somebody is in, as sessions, API keys, limits, budgets and routing see it."""

from typing import NamedTuple


class Membership(NamedTuple):
    """`id` stays when the group is renamed; `name` is what configuration files call it."""

    id: str
    name: str


Memberships = tuple[Membership, ...]
"""In the order of their ids."""
