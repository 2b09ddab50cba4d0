"""The classes of the facade; `openai_codex` exports them."""
