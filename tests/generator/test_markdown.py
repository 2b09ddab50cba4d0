"""Text of the schema reaches the pages through one filter, and shows as it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import markdown
import pytest
from codex_generator.markdown import cell, code, inline, paragraphs, spelled
from codex_generator.reference.pages import Piece
from codex_generator.schema import Json
from codex_generator.tree import produce
from markdown_it import MarkdownIt

from tests.generator.schemas import constant, struct, write_schema

Dialect = Callable[[str], str]

HOSTILE = [
    "a | b || c",
    "<script>alert(1)</script>",
    "<!-- never closed",
    "a < b && c > d &amp; &#35;",
    "_emphasis_ and __strong__ and snake_case_name",
    "*emphasis* and **strong**",
    "[text](page.md) and ![image](x.png) and [ref][id] and [^1]",
    "# a heading",
    "## a heading ##",
    "- an item",
    "+ an item",
    "* an item",
    "1. an item",
    "1) an item",
    "> a quotation",
    "---",
    "===",
    "***",
    "~~~ fenced",
    "``` fenced",
    "an ` odd backtick and \\ a backslash\\",
    "{ #id } and {: .class } and {{ macro }} and {% tag %} and ${HOME}",
    "::: os.path",
    "!!! note",
    "??? details",
    "/// block",
    "=== tab",
    '--8<-- "file.md"',
    ": a definition",
    ":smile: and ~~del~~ and ^^ins^^ and ==mark== and ++key++ and $math$",
    "*[HTML]: an abbreviation",
    "| a | table |",
    "    four spaces",
    "\ta tab",
    "a null \x00 byte, a bell \x07 and an escape \x1b[31m",
    "turned around \u202e and a lone surrogate \ud800",
    "www.example.com and someone@example.com",
]


class Text(HTMLParser):
    """Collects what a reader sees, and the tags around it."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def as_on_github(page: str) -> str:
    """Render Markdown as GitHub does."""
    return str(MarkdownIt("gfm-like", {"linkify": False}).render(page))


def as_on_the_site(page: str) -> str:
    """Render Markdown as the site does, with every extension that it has, and some more."""
    own = ["abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables"]
    more = ["caret", "details", "keys", "magiclink", "mark", "snippets", "superfences", "tabbed"]
    also = ["arithmatex", "blocks.tab", "emoji", "inlinehilite", "smartsymbols", "tilde"]
    extensions = [*own, *(f"pymdownx.{name}" for name in more + also)]
    return str(markdown.markdown(page, extensions=extensions))


DIALECTS = [as_on_github, as_on_the_site]


def shown(page: str, dialect: Dialect = as_on_github) -> Text:
    """Return what is seen of a page."""
    parser = Text()
    parser.feed(dialect(page))
    parser.close()
    return parser


def visible(text: str) -> str:
    """Return what is to be seen of a text: whitespace collapsed, the unprintable spelled out."""
    return "".join(
        c if c.isprintable() else f"\\x{ord(c):02x}" if ord(c) < 0x100 else f"\\u{ord(c):04x}"
        for c in " ".join(text.split())
    )


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_paragraph_shows_its_text_and_is_nothing_else(text: str, dialect: Dialect) -> None:
    found = shown(paragraphs(text), dialect)
    assert found.text.strip() == visible(text)
    assert found.tags == {"p"}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_shows_its_text_and_stays_one_cell(text: str, dialect: Dialect) -> None:
    found = shown(f"| A | B |\n|---|---|\n| {cell(text)} | end |\n", dialect)
    assert found.tags == {"table", "thead", "tbody", "tr", "th", "td"}
    assert [line for line in found.text.split("\n") if line] == ["A", "B", visible(text), "end"]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("text", HOSTILE)
def test_code_shows_its_text(text: str, narrow: bool, dialect: Dialect) -> None:
    found = shown(f"So {code(visible(text), narrow=narrow)} it is.", dialect)
    assert found.text.strip() == f"So {visible(text)} it is."
    assert found.tags <= {"p", "code", "wbr"}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_heading_shows_its_text_in_one_line(text: str, dialect: Dialect) -> None:
    found = shown(f"## {inline(text)}", dialect)
    assert found.text.strip() == visible(text)
    assert found.tags == {"h2"}


def test_code_between_backticks_stays_code() -> None:
    assert inline("See `thread/start` first.") == "See `thread/start` first."
    assert inline("as ``a ` b`` says") == "as <code>a \\` b</code> says"


def test_code_with_characters_of_another_meaning_shows_them() -> None:
    assert shown(inline("`[permissions.<id>]` | `a|b`")).text.strip() == "[permissions.<id>] | a|b"


def test_an_address_stays_a_link() -> None:
    found = inline("See https://example.com/a-b?c=d#e.")
    assert found == "See <https://example.com/a-b?c=d#e>."


def test_paragraphs_stay_paragraphs() -> None:
    assert paragraphs("one\ntwo\n\n\nthree") == "one two\n\nthree"
    assert cell("one\ntwo\n\n\nthree") == "one two<br>three"


def test_the_items_of_a_list_stay_on_lines_of_their_own() -> None:
    assert paragraphs("These:\n- one\n- two") == "These:<br>&#45; one<br>&#45; two"


def test_a_long_name_may_be_broken_at_its_humps_where_it_is_narrow() -> None:
    assert code("approvalsReviewer") == "`approvalsReviewer`"
    assert code("approvalsReviewer", narrow=True) == "<code>approvals<wbr>Reviewer</code>"
    assert code("threadId", narrow=True) == "`threadId`"


def test_a_type_is_spelled_with_links() -> None:
    pieces = (Piece("list["), Piece("Thread", "t.md#Thread"), Piece("]"))
    assert spelled(pieces) == "list\\[[Thread](t.md#Thread)\\]"
    assert shown(spelled(pieces)).text.strip() == "list[Thread]"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_hostile_text_stays_in_its_place_on_every_page(tmp_path: Path, dialect: Dialect) -> None:
    # Each text as the description of a type, a field and a value, as a value, a default and a tag.
    definitions: dict[str, Json] = {}
    for number, text in enumerate(HOSTILE):
        definitions[f"Struct{number}"] = {
            **struct(thing={"type": "string", "description": text, "default": text}),
            "description": text,
        }
        definitions[f"Enum{number}"] = {
            "oneOf": [{"type": "string", "enum": [f"x{text}"], "description": text}]
        }
        definitions[f"Union{number}"] = {
            "oneOf": [{**struct({"type": constant(f"x{text}")}), "title": f"Arm{number}"}]
        }
    write_schema(tmp_path, definitions)
    errata = tmp_path / "errata.json"
    errata.write_text("[]", encoding="utf-8")
    page = produce(tmp_path, errata)[Path("docs/protocol/types/unlisted.md")]
    found = shown(page, dialect)
    headings = re.findall(r"^#+ (\w+)", page, re.MULTILINE)
    assert len(headings) == 1 + 4 * len(HOSTILE)
    assert found.tags <= {
        *("h1", "h2", "p", "a", "code", "em", "ul", "li", "br", "wbr"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    for text in HOSTILE:
        assert found.text.count(visible(text)) >= 3
