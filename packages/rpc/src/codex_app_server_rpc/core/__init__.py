"""What the client knows, without IO: from bytes to messages, from messages to who waits."""
