"""Search and the list of chats at three sizes, on both databases."""
