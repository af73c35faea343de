"""Pure decisions about a call: whether the model can do it, whether and when it is tried again."""
