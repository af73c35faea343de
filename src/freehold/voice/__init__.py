"""Speech in the chat: what is said is written down, and what is written is read aloud."""
