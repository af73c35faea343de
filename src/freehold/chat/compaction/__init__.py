"""Compaction of long chats: a summary stands for the middle of a branch, the originals stay and are found again."""
