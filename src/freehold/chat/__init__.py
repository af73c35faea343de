"""Conversations: threads, the message tree, turns and the generations that answer them."""

from freehold.chat.search import keeping as keeping  # from the first session on, nothing is written unindexed
