"""What both WebSocket transports share: addresses, frames, and a channel of each kind."""
