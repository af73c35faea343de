"""What a subject that came with an API key may do; people who are signed in are not held back here. Pure.

Which models it may ask is decided where a name becomes deployments, by `Grant.allows_model`.
"""

from freehold.access.subject import Subject
from freehold.errors import AddressNotAllowed, ScopeMissing
from freehold.identity.keys.grant import Scope


def require_scope(subject: Subject, scope: Scope) -> None:
    """Raise ScopeMissing unless the key has the scope."""
    grant = subject.grant
    if grant is not None and scope not in grant.scopes:
        raise ScopeMissing(f"The API key {grant.name!r} lacks the scope {scope}.", scope=scope)


def require_address(subject: Subject, address: str) -> None:
    """Raise AddressNotAllowed unless the key may be used from this IP address."""
    grant = subject.grant
    if grant is not None and not grant.allows_address(address):
        raise AddressNotAllowed(f"The API key {grant.name!r} may not be used from {address}.", address=address)
