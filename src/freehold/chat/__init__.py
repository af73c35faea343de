"""Conversations: threads, the message tree, turns and the generations that answer them."""
