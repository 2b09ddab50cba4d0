"""What both programs answer when the agent asks: who decides, and who is asked elsewhere."""

from __future__ import annotations

from codex_app_server_types import AttestationGenerateParams, AttestationGenerateResponse
from openai_codex import (
    Accept,
    AcceptForSession,
    AcceptWithAmendment,
    Answers,
    ApprovalPolicy,
    ApprovalRequest,
    Cancel,
    CommandApproval,
    Console,
    Decision,
    Decline,
    Elicitation,
    ElicitationAnswer,
    ElicitationHandler,
    FileChangeApproval,
    FormElicitation,
    McpToolApproval,
    OpenaiFormElicitation,
    Park,
    PendingRequest,
    PermissionsApproval,
    QuestionHandler,
    QuestionRequest,
    RuntimeRequest,
    ServerRequestHandlers,
    Submit,
    UrlElicitation,
    allow_commands,
    allow_paths,
    ask_elsewhere,
    deny_all,
    first_of,
    request_from_json,
)
from typing_extensions import assert_type


def decide(request: ApprovalRequest) -> Decision | Park | None:
    """Decide what the agent may do; ``None`` for what somebody else decides."""
    match request:
        case CommandApproval(argv=("git", "log", *_)):
            return AcceptForSession() if AcceptForSession() in request.decisions else Accept()
        case CommandApproval(kind=kind, command=command) if kind == "command":
            return Park() if command is not None else Decline()
        case FileChangeApproval(changes=changes) if len(changes) > 10:
            return Cancel()
        case McpToolApproval(server_name="tracker"):
            return AcceptWithAmendment("always")
        case PermissionsApproval(reason=None):
            return Decline()
        case _:
            return None


def reply(request: QuestionRequest) -> Answers | None:
    """Answer questions by their first options."""
    if any(question.is_secret for question in request.questions):
        return None
    return {
        question.id: question.options[0].label for question in request.questions if question.options
    }


async def fill_in(request: Elicitation) -> ElicitationAnswer:
    """Answer MCP servers."""
    match request:
        case UrlElicitation(host=host):
            return Accept() if host == "log.in" else Decline()
        case FormElicitation() | OpenaiFormElicitation():
            return Submit({field.name: field.default for field in request.fields if field.default})


def on_paper(request: RuntimeRequest) -> RuntimeRequest:
    """Write a request down, and read it again."""
    again = request_from_json(request.to_json())
    assert (again.key, again.describe()) == (request.key, request.describe())
    return again


def said(request: ApprovalRequest) -> str:
    """Tell what a request is about."""
    assert_type(request.decisions, tuple[Decision, ...])
    if isinstance(request, CommandApproval):
        assert_type(request.command, str | None)
        assert_type(request.argv, tuple[str, ...] | None)
    return f"{type(request).__name__}: {request.describe()}"


def attest(params: AttestationGenerateParams) -> AttestationGenerateResponse:
    return AttestationGenerateResponse(token=f"of {params}")


ASKED: list[PendingRequest] = []
"""What was asked elsewhere."""

POLICY: ApprovalPolicy = first_of(allow_commands("ls", ["git", "status"]), decide, deny_all)
SAFE: ApprovalPolicy = first_of(allow_paths("docs"), Console().approvals)
ELSEWHERE: ApprovalPolicy = ask_elsewhere(ASKED.append)
QUESTIONS: QuestionHandler = reply
ELICITATIONS: ElicitationHandler = fill_in
HANDLERS = ServerRequestHandlers(attestation_generate=attest)
