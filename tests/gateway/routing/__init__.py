"""Routing: pure decisions over a snapshot, then the same over real sockets."""
