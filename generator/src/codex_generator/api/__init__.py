"""API: what differs between two versions of our own packages, and what that means for users.

- `sources` finds the packages in a tree, a commit, a folder of wheels or an environment;
- `reading` reads what is public of them, with griffe and without importing anything, into `facts`;
- `directions` tells which types programs give, and which they get;
- `compare` finds what differs, and whether it breaks programs, in the words of `changes`;
- `users` checks the last release's programs of users against the packages as they are.
"""
