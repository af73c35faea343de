"""Loopback ports for the servers that tests start."""

import socket

_held: list[socket.socket] = []


def free_port() -> int:
    """A loopback port that nobody else gets while this process lives, though its server be down or not yet up.

    A bound socket keeps it: the system gives a bound port to nobody who asks for any port, and lets a server that asks
    for this one listen. Without it, a server that was killed found another test's on its port when it came back.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    _held.append(holder)
    return holder.getsockname()[1]
