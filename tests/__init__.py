"""The tests, as a package so that `from tests.services import ...` works from every folder."""
