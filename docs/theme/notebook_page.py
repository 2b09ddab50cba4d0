"""A page that shows the walkthrough notebook, so that it can be read without Jupyter.

A hook of MkDocs: the page is made while the site is built, of the notebook's cells. The notebook
has no outputs, so it is text and code, which is what MkDocs shows anyway. Other pages link to the
notebook, which is there in a checkout too; on the site those links lead to the page.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.plugins import event_priority
from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "walkthrough.ipynb"

_LINK = re.compile(r"(\]\([./]*notebooks/walkthrough)\.ipynb\)")

_NOTE = (
    "This page shows the notebook [`walkthrough.ipynb`](walkthrough.ipynb). Download it, and open "
    "it where this library is installed: it runs as it stands."
)


def page_of(notebook: dict[str, Any]) -> str:
    """Give the cells of a notebook as Markdown, with a note below the title."""
    title, *rest = notebook["cells"]
    return "\n\n".join([_shown(title), _NOTE, *map(_shown, rest)]) + "\n"


@event_priority(100)
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page, before a plugin makes the nav of what is there."""
    notebook: dict[str, Any] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    path = "notebooks/walkthrough.md"
    files.append(File.generated(config, path, content=page_of(notebook)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links to the notebook to its page."""
    return _LINK.sub(r"\1.md)", markdown)


def _shown(cell: dict[str, Any]) -> str:
    text = "".join(cell["source"])
    return text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```"
