"""Reads what other products exported, in a process apart that needs no more of Freehold than this folder."""
