"""History: since which runtime each message of the protocol exists, and until when.

`schema/history.json` keeps it, so that clients can tell what the server on the other side knows,
and the reference since when. It is made from the bundles of every runtime that was looked at:
what no bundle said is not in it.
"""
