"""Bumping: the whole tree moves to another runtime, or stays exactly as it is.

- `checkout` says whether the tree may be bumped, and makes the copy in which all work is done;
- `work` is what is done there, in order, and `checks` what judges it, two at a time;
- `ledger` holds what came of each, and shows it while it goes on;
- `putting` brings the result into the tree, all of it or nothing, whoever dies meanwhile;
- `bump` is the whole, and `cli` its command line.

Needs the generator's extra `release`.
"""
