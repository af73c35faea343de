"""Writes of one turn of the loop leave together, in order, and nothing is lost when the connection closes."""

import asyncio

from freehold.cli.corking import CorkedTransport


class Sent(asyncio.Transport):
    """What a real transport would put on the wire."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.calls.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def get_write_buffer_size(self) -> int:
        return 0


async def test_one_turn_is_one_call() -> None:
    sent = Sent()
    corked = CorkedTransport(sent, asyncio.get_running_loop())
    for piece in (b"head", b"body", b"end"):
        corked.write(piece)
    assert (sent.calls, corked.get_write_buffer_size()) == ([], 11)
    await asyncio.sleep(0)
    assert sent.calls == [b"headbodyend"]
    corked.write(b"next")
    await asyncio.sleep(0)
    assert sent.calls == [b"headbodyend", b"next"]


async def test_closing_sends_what_waits_and_aborting_drops_it() -> None:
    sent, dropped = Sent(), Sent()
    corked = CorkedTransport(sent, asyncio.get_running_loop())
    corked.write(b"last")
    corked.close()
    assert (sent.calls, sent.closed) == ([b"last"], True)
    corked = CorkedTransport(dropped, asyncio.get_running_loop())
    corked.write(b"last")
    corked.abort()
    await asyncio.sleep(0)
    assert (dropped.calls, dropped.closed) == ([], True)
