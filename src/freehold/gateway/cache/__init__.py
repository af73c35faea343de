"""Answers that were given before, given again: opt-in, per person, exact or after normalising the question."""

from freehold.gateway.cache.service import BYPASS, AnswerCache, CacheState, Lookup

__all__ = ["BYPASS", "AnswerCache", "CacheState", "Lookup"]
