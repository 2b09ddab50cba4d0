"""Decide what the agent may do beyond its sandbox: by rules first, then by asking at the terminal.

Run it with `python docs/examples/approvals.py`.
"""

from __future__ import annotations

from openai_codex import (
    ApprovalMode,
    ApprovalRequest,
    Codex,
    CommandApproval,
    Console,
    Decision,
    Decline,
    allow_commands,
    allow_paths,
    first_of,
)


def nothing_as_root(request: ApprovalRequest) -> Decision | None:
    """Decline what wants to be root, and have no opinion on all else."""
    if isinstance(request, CommandApproval) and "sudo" in (request.command or ""):
        print(f"declined: {request.describe()}")
        return Decline()
    return None


def main() -> None:
    """Let the agent do something that it has to ask for."""
    approvals = first_of(
        nothing_as_root,
        allow_commands("date", exact=True),
        allow_paths("docs"),
        Console().approvals,
    )
    with Codex(approvals=approvals) as codex:
        thread = codex.thread_start(approval_mode=ApprovalMode.on_request)
        result = thread.run("Write today's date into today.txt.")
        print(result.final_response)


if __name__ == "__main__":
    main()
