"""freehold model, as an operator runs it."""

import asyncio
import sys
from pathlib import Path

from tests.providers.embedded.tiny_model import write_tiny_model


async def freehold(*arguments: str) -> tuple[int | None, str, str]:
    """Exit status, standard output and standard error of one command."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "freehold",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_an_empty_folder_names_what_can_be_fetched_and_how(tmp_path: Path) -> None:
    status, out, err = await freehold("model", "list", "--data-dir", str(tmp_path))
    assert status == 0
    assert out.splitlines()[0].split()[:3] == ["smollm2-135m-instruct", "to", "fetch"]
    assert "No model is here yet" in err
    status, out, err = await freehold("model", "path", "--data-dir", str(tmp_path))
    assert (status, out) == (1, "")
    assert "freehold model fetch smollm2-135m-instruct" in err


async def test_a_file_that_was_dropped_in_is_listed_and_found(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    file = write_tiny_model(tmp_path / "models" / "mine.gguf")
    _, out, _ = await freehold("model", "list", "--data-dir", str(tmp_path))
    assert out.splitlines()[0].split()[:2] == ["mine", "installed"]
    assert await freehold("model", "path", "--data-dir", str(tmp_path)) == (0, f"{file}\n", "")
    assert await freehold("model", "fetch", "mine", "--data-dir", str(tmp_path)) == (0, f"{file}\n", "")


async def test_a_name_that_nobody_knows(tmp_path: Path) -> None:
    status, _, err = await freehold("model", "fetch", "nothing", "--data-dir", str(tmp_path))
    assert status == 1
    assert "nothing is not a model that can be downloaded here." in err
