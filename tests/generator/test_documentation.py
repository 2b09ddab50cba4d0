"""Descriptions become documents of the right width, in the schema's own words."""

from __future__ import annotations

from codex_generator.documentation import WIDTH, describe, wrap

LONG = "word " * 40


def test_a_long_line_is_wrapped() -> None:
    lines = wrap(LONG)
    assert len(lines) > 1
    assert all(len(line) <= WIDTH for line in lines)
    assert " ".join(lines).split() == LONG.split()


def test_a_word_that_fits_nowhere_stays_whole() -> None:
    url = "https://" + "x" * 200
    assert wrap(f"See {url} for more.") == ("See", url, "for more.")


def test_line_breaks_of_the_description_stay() -> None:
    assert wrap("one\n\n- two\n- three") == ("one", "", "- two", "- three")


def test_the_lines_of_a_list_item_stay_under_it() -> None:
    first, *rest = wrap(f"- {LONG}")
    assert first.startswith("- word")
    assert all(line.startswith("  word") for line in rest)


def test_a_first_sentence_is_the_summary() -> None:
    assert describe("One. Two.", "Ours.") == ("One.", "", "Two.")


def test_a_dot_inside_of_a_word_ends_no_sentence() -> None:
    assert describe("Set `a.b` now. Or not.", "Ours.") == ("Set `a.b` now.", "", "Or not.")


def test_a_first_sentence_that_is_too_long_gets_a_summary_of_ours_before_it() -> None:
    summary, blank, *rest = describe(f"{LONG.strip()}.", "Ours.")
    assert (summary, blank) == ("Ours.", "")
    assert " ".join(rest) == f"{LONG.strip()}."


def test_a_description_that_is_no_sentence_gets_a_summary_of_ours_before_it() -> None:
    assert describe("a superset of\n[`Match`]", "Ours.") == (
        "Ours.",
        "",
        "a superset of",
        "[`Match`]",
    )


def test_a_missing_description_is_replaced() -> None:
    assert describe("", "Ours.") == ("Ours.",)
