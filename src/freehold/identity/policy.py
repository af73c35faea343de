"""How this server decides who comes in: taken from the settings once, a plain value for tests."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freehold.settings import Settings

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})


@dataclass(frozen=True, slots=True)
class IdentityPolicy:
    """`loopback_bind`: the server listens on this machine alone, so single-user mode may stand open."""

    loopback_bind: bool = True
    single_user: bool = True
    access_codes: tuple[str, ...] = ()
    plain_http: bool = False
    idle: timedelta = timedelta(hours=12)
    absolute: timedelta = timedelta(days=7)
    setup_link_life: timedelta = timedelta(hours=24)

    @classmethod
    def of(cls, settings: "Settings") -> "IdentityPolicy":
        """The policy that the settings describe."""
        code = settings.auth.access_code
        codes = tuple(part for part in (code.get_secret_value() if code else "").split(",") if part)
        return cls(
            loopback_bind=settings.server.host in LOOPBACK_NAMES,
            single_user=settings.auth.single_user,
            access_codes=codes,
            plain_http=settings.server.plain_http,
        )
