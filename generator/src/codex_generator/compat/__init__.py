"""Compatibility: the project, built for other runtimes, and as it is, driven against them.

- `columns` says what is checked, each as commands that anybody could type;
- `copies` makes the folders in which they run: the tree itself is only read;
- `checking` runs them, for several runtimes at once, and goes on after what fails;
- `matrix` holds what came of it, `report` shows it, and `page` keeps it.

`importing` is one of the commands. This package needs the generator's extra `release`.
"""
