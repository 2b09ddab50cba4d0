"""``run``: a turn in the terminal, or in a script."""
