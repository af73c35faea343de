"""The data plane: one call of a model, from its reference to its events and its measured record."""
