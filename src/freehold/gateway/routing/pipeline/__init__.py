"""The stages that choose a model: pure functions over what is known, each of which narrows or orders the candidates."""
