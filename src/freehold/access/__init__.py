"""Who may do what: the Subject of a request and the typed dependencies every endpoint uses."""
