"""Chats on their way out and in: as Markdown, JSON and web page; whole archives; what other products exported."""
