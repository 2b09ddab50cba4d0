"""The commands of ``python -m openai_codex``; see ``docs/command-line.md``."""
