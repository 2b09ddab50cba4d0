"""Python functions that the model can call.

::

    @tool
    def weather(city: str, unit: Literal["celsius", "fahrenheit"] = "celsius") -> str:
        \"\"\"Tell what the weather is like.

        :param city: Where, in English.
        :param unit: Of the temperature.
        \"\"\"
        return "It rains."


    thread = codex.thread_start(tools=[weather])

The model sees the name, what the docstring says, and the parameters with their types and
descriptions (``dynamicTools`` of ``thread/start``). The function stays what it is.

`definition` has the decorator, `callee` reads the function, `parameters` and `schema` make of its
parameters what the model is told and what its arguments are checked by. `specs` says tools in the
words of the protocol, `toolbox` knows which thread has which, `calls` answers the model's calls,
with `limiter` and `content`; `stored` finds what a thread was once told.
"""

from __future__ import annotations

from openai_codex.errors import ToolError
from openai_codex.tools.definition import Tool, tool
from openai_codex.tools.namespace import ToolNamespace

__all__ = ["Tool", "ToolError", "ToolNamespace", "tool"]
