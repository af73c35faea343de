"""A migrated database of both kinds."""

from tests.usage.conftest import database, open_again

__all__ = ["database", "open_again"]
