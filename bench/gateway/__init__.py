"""What the gateway costs beside calling the provider directly and beside LiteLLM: `python -m bench.gateway`."""
