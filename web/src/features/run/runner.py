"""Runs a block in `__main__` and tells how it ended; read by python-worker.ts, whose result is `run_block`."""

import asyncio
import inspect
import linecache
import sys
import traceback

NAME = "code.py"
LONGEST = 50_000


async def run_block(code: str) -> tuple[str | None, str | None, int | None]:
    """What the last expression is worth, else the traceback and the line in which it arose."""
    from pyodide.code import eval_code_async

    import __main__

    linecache.cache[NAME] = (len(code), None, code.splitlines(keepends=True), NAME)
    try:
        value = await eval_code_async(code, __main__.__dict__, filename=NAME)
        if inspect.isawaitable(value):
            value = await value
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        if rest:
            await asyncio.gather(*rest)
        shown = None if value is None else repr(value)[:LONGEST]
        return shown, None, None
    except SystemExit as leaving:
        if leaving.code in (None, 0):
            return None, None, None
        return None, f"SystemExit: {leaving.code}", None
    except BaseException as error:  # noqa: BLE001 - whatever it is, the reader is told
        return None, *told(error)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def told(error: BaseException) -> tuple[str, int | None]:
    """The traceback from the block on: what runs the block is not the reader's."""
    at = error.__traceback__
    while at and at.tb_frame.f_code.co_filename != NAME:
        at = at.tb_next
    text = "".join(traceback.format_exception(type(error), error, at))
    if isinstance(error, SyntaxError) and error.filename == NAME:
        return text, error.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(at) if frame.filename == NAME]
    return text, lines[-1] if lines else None


run_block  # noqa: B018 - what the worker gets
