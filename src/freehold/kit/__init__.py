"""Domain-free building blocks; nothing here knows what Freehold is for."""
