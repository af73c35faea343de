"""Test sets: questions that several models answer, with rules that say what passes, and what that came to."""
