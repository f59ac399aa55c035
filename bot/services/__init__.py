"""What the programme does around a conversation: who is in it, what is due, what leaves it."""
