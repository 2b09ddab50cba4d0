"""OpenTelemetry spans of what a client does: threads, turns, items, tools, approvals.

Public: `Tracing`, for `CodexConfig.tracing`. Nothing here is loaded, and OpenTelemetry need not be
installed, for a client that does not ask for it.
"""
