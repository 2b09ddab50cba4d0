"""Checking: the judge of what lies in `dist/`.

It trusts nothing that building did. `expected` works out from the tree and from the platform
packages what each file has to hold, `archives` reads what it does hold, `files` tells the
difference; `installs` puts facade and runtime where users put them and runs a real turn; `bom`
writes down what everything is made of. `verdict` puts it together.
"""
