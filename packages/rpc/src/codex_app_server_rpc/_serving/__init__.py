"""Handlers of the server's requests, and where they run."""
