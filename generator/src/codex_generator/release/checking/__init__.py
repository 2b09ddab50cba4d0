"""Checking: the judge of what lies in `dist/`.

It believes no file that was built. `expected` works out what each has to hold, from the platform
packages and from the tree, which it stages anew; `archives` reads what it does hold, `files` tells
the difference. `index` compares with what is published; `installs` puts facade and runtime where
users put them and has `trial` run a real turn there. `verdict` puts it together, and `papers` and
`bom` write down what is good.
"""
