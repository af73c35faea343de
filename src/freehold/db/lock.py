"""One server per SQLite database: a lock on a file, held as long as the process lives, whatever ends it."""

import os
import sys
from pathlib import Path
from typing import BinaryIO

from freehold.errors import DatabaseLocked


class ProcessLock:
    """An exclusive lock on `path`; the operating system lets go of it when the process dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None

    def acquire(self) -> None:
        """Take the lock and write our process id into the file; raises DatabaseLocked that names the holder."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        file = os.fdopen(handle, "r+b", buffering=0)
        if not _lock(file):
            holder = file.read(32).decode("ascii", "replace").strip()
            file.close()
            who = f"process {holder}" if holder.isdigit() else "another process"
            raise DatabaseLocked(
                f"Another Freehold ({who}) already uses the database in {self.path.parent}.",
                next_step="Stop that server first, or start this one with another --data-dir.",
            )
        file.truncate(0)
        file.write(f"{os.getpid()}\n".encode())
        self._file = file

    def release(self) -> None:
        """Let go; the file stays, because removing it would race with the next holder."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _lock(file: BinaryIO) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            # a byte far behind the process id, because Windows locks also keep others from reading
            file.seek(4096)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


NETWORK_KINDS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "afs", "lustre", "fuse.sshfs", "fuse.glusterfs"}
)
"""File systems on which SQLite's locks do not hold (https://www.sqlite.org/howtocorrupt.html, section 2)."""


def network_file_system(folder: Path) -> str | None:
    """The kind of network file system that holds `folder`, or None; only Linux is asked."""
    if not sys.platform.startswith("linux"):
        return None
    best, found = -1, None
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
        target = str(folder.resolve())
    except OSError:
        return None
    for line in mounts:
        parts = line.split(" ")
        if len(parts) < 3:
            continue
        point, kind = parts[1].replace("\\040", " "), parts[2]
        inside = target == point or target.startswith(point.rstrip("/") + "/")
        if inside and len(point) > best:
            best, found = len(point), kind if kind in NETWORK_KINDS else None
    return found
