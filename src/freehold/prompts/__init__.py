"""The prompt library: texts with variables that people keep, change and share."""
