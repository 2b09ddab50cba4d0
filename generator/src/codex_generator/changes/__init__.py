"""Changes: what differs between the protocols of two runtimes, and what that means for users.

- `surface` reads a schema into what a user of the packages meets: methods, notifications, server
  requests, types with their fields, values and variants, each with its direction;
- `compare` finds what differs between two surfaces, `renames` what probably only has a new name;
- `severity` says whether a change breaks programs;
- `pages` writes the changes down for people, and as JSON for programs;
- `report` and `changelog` tell of a new runtime, with what `api` finds of our own packages.
"""
