"""The image's first process: sees to it that /app/data can be written, then becomes `freehold ARGUMENTS`.

`entrypoint.py healthcheck` asks the running server whether it is ready instead; exit status 0 says yes.
"""

import http.client
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

DATA = Path("/app/data")


def main(arguments: list[str]) -> int:
    """Run one of the two; returns only for the health check and for a folder that cannot be written."""
    if arguments == ["healthcheck"]:
        return healthcheck()
    if not writable() and not claimed():
        print(explanation(), file=sys.stderr)
        return 78  # EX_CONFIG of sysexits.h
    return become_freehold(arguments)


def become_freehold(arguments: list[str]) -> NoReturn:
    """Replace this process by the server, so that it receives the container's signals."""
    freehold = str(Path(sys.executable).with_name("freehold"))
    os.execv(freehold, [freehold, *arguments])  # noqa: S606


def writable() -> bool:
    """Whether this user may make files in the data folder."""
    return os.access(DATA, os.W_OK | os.X_OK)


def claimed() -> bool:
    """Take over an empty folder that the container engine made as root; False where that is not allowed."""
    try:
        subprocess.run(["/app/claim-data"], check=False, stdin=subprocess.DEVNULL)
    except OSError:  # `cap_drop: ALL` makes the kernel refuse to start it
        return False
    return writable()


def explanation() -> str:
    """What is wrong with the data folder, and the one command that mends it."""
    us = f"{os.getuid()}:{os.getgid()}"
    if os.statvfs(DATA).f_flag & os.ST_RDONLY:
        return (
            f"freehold: {DATA} is mounted read-only.\n          Conversations are kept there: mount it without `:ro`."
        )
    return (
        f"freehold: {DATA} is not writable for user {os.getuid()}: it belongs to user {DATA.stat().st_uid}.\n"
        f"          On the machine that holds the folder, run:  sudo chown -R {us} ./data\n"
        "          or use a named volume:  docker run -v freehold-data:/app/data ..."
    )


def healthcheck() -> int:
    """0 when /readyz answers 200 within two seconds, else 1."""
    port = os.environ.get("FREEHOLD_PORT") or os.environ.get("PORT") or "3210"
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=2)
    try:
        connection.request("GET", "/readyz")
        return 0 if connection.getresponse().status == 200 else 1
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
