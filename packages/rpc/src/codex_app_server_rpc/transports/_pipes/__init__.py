"""The ends of the process's pipes: read and written by threads, or by an event loop."""
