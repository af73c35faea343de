"""Who may do what: the Subject of a request and the typed dependencies every endpoint uses."""

from freehold.access.dependencies import Admin, Member, MemberSocket, Public
from freehold.access.subject import Subject

__all__ = ["Admin", "Member", "MemberSocket", "Public", "Subject"]
