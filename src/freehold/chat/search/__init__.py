"""Full-text search over one person's chats: titles, what was written, names of files."""
