"""Learning which prompts a model in the house answers well: labels, the training of scorers, and which of them act."""
