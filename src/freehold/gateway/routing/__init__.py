"""Where a call goes: aliases and deployments, in which order they are asked, when again, and who waits in a queue."""
