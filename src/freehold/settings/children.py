"""The environment that a child process gets: what programs need to run, and none of our secrets."""

import os

_NAMES = frozenset(
    {
        "PATH",
        "HOME",
        "USERPROFILE",
        "SYSTEMROOT",  # Windows sockets and random numbers need it
        "LANG",
        "LC_ALL",
        "TZ",
        "TMPDIR",
        "TEMP",
        "TMP",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "PYTHONHOME",
        "PYTHONPATH",
        "VIRTUAL_ENV",
        "CUDA_VISIBLE_DEVICES",
        "HIP_VISIBLE_DEVICES",
        "ROCR_VISIBLE_DEVICES",
    }
)


def child_environment() -> dict[str, str]:
    """Variables to pass to a child process. Provider keys, database URLs and the like stay behind."""
    return {name: value for name, value in os.environ.items() if name.upper() in _NAMES}
