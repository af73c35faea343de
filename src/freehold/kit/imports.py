"""Importing a package without the optional ones it would drag in."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*packages: str) -> Iterator[None]:
    """Inside, importing one of `packages` fails as if it were not installed, unless it is loaded already.

    For libraries that import a heavy package (rich, pygments) at once, for a feature that we do not use.
    """
    hidden = [name for name in packages if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # pyright: ignore[reportArgumentType]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
