"""API: what differs between two versions of our own packages, and what that means for users.

- `sources` finds the packages in a tree, a commit, a folder of wheels or an environment;
- `reading` reads what is public of them, with griffe and without importing anything, into `facts`;
- `directions` tells which types programs give, and which they get;
- `compare` finds what went, came, or probably only has a new name (`renames`), and `differences`
  what is another thing than it was, in the words of `changes`;
- `judgement` says whether that breaks programs;
- `users` checks the last release's programs of users against the packages as they are.
"""
