"""API keys: what programs send to the gateway instead of a session."""
