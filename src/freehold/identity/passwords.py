"""Password hashing (argon2id) and the offline check against well-known passwords."""

import functools

import anyio.to_thread

from freehold.errors import InvalidRequest


@functools.cache
def _hasher():
    from pwdlib.hashers.argon2 import Argon2Hasher

    # OWASP: 19 MiB, two passes, one lane
    return Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)


@functools.cache
def _decoy() -> str:
    """A real hash of nobody's password: verifying against it makes an unknown account cost what a known one does."""
    return _hasher().hash("nobody's password")


async def hash_password(password: str) -> str:
    """The argon2id hash, made in a worker thread (about 20 ms of one core)."""
    return await anyio.to_thread.run_sync(lambda: _hasher().hash(password))


async def verify_password(password: str, hashed: str | None) -> bool:
    """Whether the password is the hash's. With no hash, the same work is done and the answer is no."""

    def work() -> bool:
        matches = _hasher().verify(password, hashed or _decoy())
        return matches and hashed is not None

    return await anyio.to_thread.run_sync(work)


async def require_strong(password: str, *personal: str) -> None:
    """Refuse a password that is on the lists of breached ones or guessed in few tries.

    The lists and the estimate are zxcvbn's (Wheeler, USENIX Security 2016), which ship with the package: nothing is
    asked from outside. `personal` are words that an attacker would try first, such as the e-mail address.

    Raises InvalidRequest.
    """

    def work() -> int:
        from zxcvbn import zxcvbn

        return zxcvbn(password[:72], user_inputs=[word for word in personal if word], max_length=100)["score"]

    if len(password) < 12:
        raise InvalidRequest(
            "The password has fewer than 12 characters.", next_step="Choose a longer one.", field="password"
        )
    if await anyio.to_thread.run_sync(work) < 2:
        raise InvalidRequest(
            "This password is on lists of well-known ones, or close to one.",
            next_step="Choose a less common one; four unrelated words do well.",
            field="password",
        )
