"""People and the groups they are in, as administrators manage them."""
