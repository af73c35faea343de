"""Uploaded files: bytes on disk under a random id, rows with their owner."""
