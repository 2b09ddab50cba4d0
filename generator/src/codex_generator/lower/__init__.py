"""Lower the schema into declarations: which Python type each definition becomes.

`expressions` builds annotations, `objects`, `enums` and `unions` each know one family of
shapes, and `definitions` goes through the bundle and hands every definition to the right one.
"""
