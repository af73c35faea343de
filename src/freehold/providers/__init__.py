"""WHO answers: the providers, the vendors' catalogue and the one upstream HTTP client."""
