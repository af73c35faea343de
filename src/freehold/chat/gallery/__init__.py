"""Every picture of a person's chats."""
