"""Links by which anybody may read a chat as it was when it was shared."""
