"""Answers given again to questions in other words: opt-in, with a veto, and only where it was calibrated."""
