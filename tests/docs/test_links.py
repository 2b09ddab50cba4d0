"""Links that lead nowhere are found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.links import external_links, main, mistakes, read_site
from tests.docs.pages import ROOT

GOOD = '<h1 id="top">A</h1><a href="b/#end">b</a><a href="#top">up</a><link href="/x.css">'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of two pages whose links are right."""
    (tmp_path / "b").mkdir()
    (tmp_path / "x.css").touch()
    (tmp_path / "index.html").write_text(GOOD)
    (tmp_path / "b" / "index.html").write_text('<a name="end" href="../index.html">a</a>')
    return tmp_path


def found_in(site: Path) -> list[str]:
    return list(mistakes(site, read_site(site)))


def test_nothing_is_wrong_where_all_is_right(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert found_in(site) == []
    assert main([str(site)]) == 0
    assert "2 pages, 3 links: 0 of them wrong" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ('<a href="c/">c</a>', "there is no such page"),
        ('<a href="b/#middle">b</a>', "the page has no such anchor"),
        ('<a href="#middle">here</a>', "the page has no such anchor"),
        ('<img src="x.png">', "there is no such page"),
        ('<a href="http://example.com/">insecure</a>', "not an address of the web"),
        ('<a href="https://">nowhere</a>', "not an address of the web"),
        ('<script src="https://cdn.example.com/x.js">', "asks another host"),
    ],
)
def test_a_wrong_link_is_named_with_its_reason(
    site: Path, html: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "index.html").write_text(f"{GOOD}\n{html}")

    [mistake] = found_in(site)
    assert mistake.startswith("index.html:2: ")
    assert reason in mistake
    assert main([str(site)]) == 1
    assert mistake in capsys.readouterr().err


def test_a_folder_without_pages_is_no_site(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 1


def test_other_hosts_are_listed_and_not_asked(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "index.html").write_text('<a href="https://example.com/a">a</a>')

    assert external_links(read_site(site)) == ["https://example.com/a"]
    assert main([str(site)]) == 0
    assert "not asked: https://example.com/a" in capsys.readouterr().out


@pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("packages/*/README.md"))],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_links_of_pages_outside_of_the_site_lead_to_files(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))

    assert [target for target in targets if not (page.parent / target).exists()] == []
