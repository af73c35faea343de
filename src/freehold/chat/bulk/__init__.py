"""Changes of many threads in one request, with the way back."""
