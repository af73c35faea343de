"""Pure codecs, no I/O: canonical requests and events, and their forms in each dialect."""
