"""How the bytes travel: over the pipes of a process of our own, or over a WebSocket."""
