"""``doctor``: looks at everything that a turn needs, and says what to do about what is wrong."""
