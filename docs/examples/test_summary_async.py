"""The tests of `summary_async.py`: the model is scripted, and pytest-asyncio runs them.

Run them with `pytest docs/examples/test_summary_async.py`.
"""

from __future__ import annotations

import pytest
from openai_codex import TurnFailedError
from openai_codex.testing import ModelServer, Reply

from summary_async import Summary, summarise


async def test_a_text_is_summed_up(codex_model: ModelServer) -> None:
    """The answer becomes a value, and the model got to see the text."""
    codex_model.add('{"title": "Faster", "points": ["It is faster."]}')

    assert await summarise("It is faster.") == Summary(title="Faster", points=["It is faster."])
    assert "It is faster." in codex_model.requests[0].prompt


async def test_an_answer_that_does_not_fit_is_asked_for_again(codex_model: ModelServer) -> None:
    """The model may not keep to the schema at once."""
    codex_model.add("Faster!", '{"title": "Faster", "points": []}')

    assert (await summarise("It is faster.")).title == "Faster"


async def test_a_model_that_refuses_is_told_of(codex_model: ModelServer) -> None:
    """Failures can be scripted as well."""
    codex_model.add(Reply.failure(400, "The text is too long."))

    with pytest.raises(TurnFailedError, match="too long"):
        await summarise("It is faster.")
