"""Rules: conditions compiled once, so that hundreds of them are judged in a fraction of a millisecond."""
