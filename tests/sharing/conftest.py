"""The product in this process, as the tests of moving have it."""

from tests.moving.conftest import ann, bob, make_settings, services

__all__ = ["ann", "bob", "make_settings", "services"]
