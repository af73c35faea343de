"""Answers that administrators wrote to frequent questions: given first, and marked as what they are."""
