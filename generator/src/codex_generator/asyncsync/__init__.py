"""Derive the sync half of a package from its async source.

The facade and the core of the raw client are written once, as async source in a folder
``_async``; its twin folder ``_sync`` is what this package makes of it. Every real difference
between the two halves sits in the ``_primitives.py`` beside them as a pair of names
(`AsyncSignal`, `Signal`), so that derivation renames and drops words and never rewrites logic.
What it cannot derive it reports, with file and line; it guesses nothing.

How a file is derived:

1. `pairs` reads the sources with `ast`: which names lose their ``Async``, and which
   constructs would silently change their meaning.
2. `lexing` cuts the source into words, strings, comments and the space between them.
3. `translation` takes them one by one under the table in `rules`, and `grammar` mends what
   spans several of them. Comments, layout and line numbers stay as they are.
4. `derivation` looks for words that should not have survived, and puts the banner on top.

Why no library: ``unasync`` renames tokens of code alone. ``unasyncd`` (on libcst) is closer, but
leaves comments, string annotations and names in import lists as they were, knows no unused
rule and no leftover, and takes 0.5 s for 1,400 lines where this package takes a tenth of it.
And why no `tokenize`: it sees f-strings as one token before Python 3.12 and as many since,
while the derived bytes must not depend on the interpreter.
"""

from __future__ import annotations

from codex_generator.asyncsync.derivation import DerivationError, derive
from codex_generator.asyncsync.rules import HALVES, Half

__all__ = ["HALVES", "DerivationError", "Half", "derive"]
