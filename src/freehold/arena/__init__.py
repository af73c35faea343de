"""The arena: two models answer one prompt without their names, a person votes, and the votes rank the models."""
