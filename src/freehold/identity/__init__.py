"""Who is here: users, sessions, passwords, and the first administrator."""
