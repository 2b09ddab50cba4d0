"""What the runtime asks this program, typed, and who answers.

A request of the runtime is an object (`openai_codex.requests.approvals`, ``questions``,
``elicitations``); whoever answers gives a decision or other answers. Everything here is loaded when
a runtime asks for the first time.
"""
