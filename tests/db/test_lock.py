"""Two servers never share a SQLite file, and a dead one does not keep the next from starting."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from freehold.db.lock import ProcessLock, network_file_system
from freehold.errors import DatabaseLocked

HOLD = (
    "import sys; from pathlib import Path; from freehold.db.lock import ProcessLock; "
    "lock = ProcessLock(Path(sys.argv[1])); lock.acquire(); print('held', flush=True); sys.stdin.read()"
)


def test_the_second_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(DatabaseLocked, match=f"process {holder.pid}"):
            ProcessLock(path).acquire()
        holder.kill()
        holder.wait()
    lock = ProcessLock(path)
    lock.acquire()
    assert path.read_text().strip() == str(os.getpid())
    lock.release()
    ProcessLock(path).acquire()


def test_a_local_folder_is_no_network_file_system(tmp_path: Path) -> None:
    assert network_file_system(tmp_path) is None
