"""Runtimes: get the program of any version that was published, and the schema that it prints.

- `wanted` reads what somebody asks for: `latest`, a version, or the path of a program;
- `identity` asks a program whether it is the runtime, and which;
- `store` keeps what was fetched, and the schemas of it, in a folder outside of what git has;
- `fetching` brings what is not there: the wheel of the Python index, else npm's package. It alone
  needs the generator's extra `release`.
"""
