"""A provider that answers by rule, without a model."""
