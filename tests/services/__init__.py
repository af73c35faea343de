"""Real parts of a deployment, started by the tests as a plain user on a free loopback port."""
