"""Check the links of the built site: ``python -m tests.docs.links site [--external]``.

MkDocs knows the links of Markdown. What is checked here is what a browser gets: all of them, those
of signatures, of the nav and of raw HTML among them, with their anchors; and that no page asks
another host for anything. (LinkChecker can do the first. It needs minutes for this site, as it
reads each page anew for each anchor.)
"""

from __future__ import annotations

import argparse
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_SHOWN = 40
"""How many mistakes are shown."""

_OF_THE_PAGE = {"script": "src", "img": "src", "source": "src", "iframe": "src", "link": "href"}
"""Elements that a browser loads by itself, and where they say from where."""


@dataclass
class Page:
    """A page, as far as links are concerned.

    Attributes:
        anchors: What a link can lead to.
        links: Where links lead, as it is written: address -> line of the first.
        loads: What a browser loads with the page, likewise.
    """

    anchors: set[str] = field(default_factory=set[str])
    links: dict[str, int] = field(default_factory=dict[str, int])
    loads: dict[str, int] = field(default_factory=dict[str, int])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value for name, value in attrs if value}
        line = self.getpos()[0]
        self.page.anchors.update(attributes[name] for name in ("id", "name") if name in attributes)
        if tag == "a" and "href" in attributes:
            self.page.links.setdefault(attributes["href"], line)
        elif tag in _OF_THE_PAGE and _OF_THE_PAGE[tag] in attributes:
            self.page.loads.setdefault(attributes[_OF_THE_PAGE[tag]], line)


def read_site(folder: Path) -> dict[Path, Page]:
    """Read all pages of a site."""
    pages: dict[Path, Page] = {}
    for path in sorted(folder.rglob("*.html")):
        reader = _Reader()
        reader.feed(path.read_text(encoding="utf-8"))
        pages[path] = reader.page
    return pages


def mistakes(folder: Path, pages: dict[Path, Page]) -> Iterator[str]:
    """Tell which links lead nowhere, and what a page loads from elsewhere."""
    for path, page in pages.items():
        where = path.relative_to(folder).as_posix()
        for address, line in page.loads.items():
            if urlsplit(address).netloc:
                yield f"{where}:{line}: asks another host for {address}"
        for address, line in (page.links | page.loads).items():
            reason = _reason(folder, pages, path, address)
            if reason:
                yield f"{where}:{line}: {address}: {reason}"


def _reason(folder: Path, pages: dict[Path, Page], path: Path, address: str) -> str | None:
    """Tell why a link is wrong; ``None`` if it is not."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        known = parts.scheme in ("https", "mailto") or parts.hostname in ("127.0.0.1", "localhost")
        return None if known and (parts.netloc or parts.path) else "not an address of the web"
    target = path
    if parts.path:
        base = folder if parts.path.startswith("/") else path.parent
        target = (base / unquote(parts.path).lstrip("/")).resolve()
        if target.is_dir():
            target /= "index.html"
    if not target.is_file():
        return "there is no such page"
    fragment = unquote(parts.fragment)
    if fragment and target in pages and fragment not in pages[target].anchors:
        return "the page has no such anchor"
    return None


def external_links(pages: dict[Path, Page]) -> list[str]:
    """Give the links that lead to other hosts, each once."""
    return sorted({link for page in pages.values() for link in page.links if urlsplit(link).netloc})


def failure_of(address: str) -> str | None:
    """Ask for an address, and tell what is wrong with it."""
    request = urllib.request.Request(address, method="HEAD", headers={"User-Agent": "links"})
    try:
        with urllib.request.urlopen(request, timeout=20):
            return None
    except (urllib.error.URLError, TimeoutError) as error:
        return str(error)


def main(arguments: list[str] | None = None) -> int:
    """Check a site; the exit code is 1 if something is wrong."""
    parser = argparse.ArgumentParser(prog="links", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("site", type=Path, help="the folder of the built site")
    parser.add_argument("--external", action="store_true", help="ask other hosts, too")
    options = parser.parse_args(arguments)
    folder = options.site.resolve()
    pages = read_site(folder)
    found = list(mistakes(folder, pages))
    outside = external_links(pages)
    if options.external:
        failures = ((address, failure_of(address)) for address in outside)
        found += [f"{address}: {failure}" for address, failure in failures if failure]
    else:
        for address in outside:
            print(f"not asked: {address}")
    for mistake in found[:_SHOWN]:
        print(mistake, file=sys.stderr)
    if len(found) > _SHOWN:  # a page of the nav that is missing is missed by every page
        print(f"and {len(found) - _SHOWN} more", file=sys.stderr)
    count = sum(len(page.links) for page in pages.values())
    print(f"{len(pages)} pages, {count} links: {len(found)} of them wrong")
    if not pages:
        print(f"there are no pages in {folder}", file=sys.stderr)
    return 1 if found or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
