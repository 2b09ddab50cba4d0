"""The work: what a bump changes in its copy of the tree, piece by piece."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from codex_generator.api.sources import compare_packages
from codex_generator.api.users import check_users
from codex_generator.bumping.mentions import update_mentions
from codex_generator.changes.changelog import write_entry
from codex_generator.changes.report import Report, write_page
from codex_generator.changes.sources import compare_schemas
from codex_generator.diagnostics import Diagnostics
from codex_generator.errata import ERRATA, extend_errata, read_errata
from codex_generator.errata_status import ErrataStatus, errata_status
from codex_generator.history.extending import extend
from codex_generator.load import FLAVOURS, MANIFEST, read_bundle
from codex_generator.tree import SCHEMA, produce, update
from codex_generator.versions import runtime_version

_ERRATA: Final = Path(*ERRATA.parts[-4:])
"""The errata, from the root of any copy."""


@dataclass(frozen=True)
class Work:
    """What one bump does; every method is a step, and returns in a line what came of it."""

    root: Path
    """Of the tree, which is only read."""
    copy: Path
    """Of the tree, in which everything is changed."""
    pinned: str
    """The version of the tree."""
    version: str
    """The one to bump to."""
    schema: Path
    """A folder with the bundles of that, and their manifest."""

    def take_schema(self) -> str:
        """Put the bundles into the copy, and add the runtime to its history."""
        folder = self.copy / SCHEMA
        for name in (*(f"{flavour}.json" for flavour in FLAVOURS), MANIFEST):
            shutil.copyfile(self.schema / name, folder / name)
        known = len(extend(folder).versions)
        return f"the history knows {known} runtimes"

    def settle_errata(self) -> str:
        """Note down which errata were seen on this version too, and tell what becomes of all.

        Those that applied no longer to the tree's version either are not told of.
        """
        file = self.copy / _ERRATA
        status = self._status(self.copy)
        if status.newly:
            since = runtime_version(self.pinned)
            extend_errata(status.newly, runtime_version(self.version), since, file)
        ended = status.ended_since(self.pinned)
        told = (f"applies no longer: {erratum}" for erratum in ended)
        return "\n".join([str(replace(status, no_longer=ended)), *told])

    def render(self) -> str:
        """Render everything anew."""
        changed = update(self.copy, produce(self.copy, self.copy / _ERRATA))
        return f"{len(changed)} rendered files changed"

    def mention(self) -> str:
        """Have the documents that people write name the new version."""
        pinned = str(runtime_version(self.pinned))
        changed = update_mentions(self.copy, pinned, self.version)
        return f"{len(changed)} documents name another version"

    def report(self) -> str:
        """Tell what all of it means to users, on a page of its own and in the changelog."""
        with ThreadPoolExecutor(1) as beside:
            users = beside.submit(check_users, self.root, build=self.copy)
            found = Report(
                compare_schemas(self.root / SCHEMA, self.schema),
                compare_packages(str(self.root), str(self.copy), self.root),
                users.result(),
                self._status(self.root),
            )
        write_entry(self.copy, found)
        page = write_page(self.copy, found).relative_to(self.copy)
        return f"{found.summary}: see {page}"

    def _status(self, tree: Path) -> ErrataStatus:
        bundle = read_bundle(self.schema / "experimental.json", Diagnostics())
        return errata_status(bundle, self.version, read_errata(tree / _ERRATA))
