"""Turn the schema of the Codex app-server into Python packages.

Three stages, each readable alone: `load` reads and checks `schema/`, `lower` turns it into
the final facts of `ir`, and `render` writes them down through small templates. `drift` proves
that the tree holds exactly what a fresh rendering gives.
"""
