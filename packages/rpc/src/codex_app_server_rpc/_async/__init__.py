"""One half of the client. The half in ``_sync`` is derived from the one beside it."""
