"""What happens when a part that a test needs is not here: a loud skip, or a failure where all are required."""

import os
from typing import NoReturn

import pytest

REQUIRE_ALL = os.environ.get("FREEHOLD_CHECK_REQUIRE_ALL", "") not in ("", "0")
"""Set by `.ci/run`: there a missing part fails the test, so that green means that everything ran."""


def missing(what: str, remedy: str) -> NoReturn:
    """End the test because `what` is not here; `remedy` says how to bring it, as one sentence."""
    message = f"{what} is missing. {remedy}"
    if REQUIRE_ALL:
        pytest.fail(f"{message} (FREEHOLD_CHECK_REQUIRE_ALL is set)", pytrace=False)
    pytest.skip(message)
