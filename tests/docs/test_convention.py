"""The convention of the pages: what becomes of a block, and what is refused."""

from __future__ import annotations

import re

import pytest

from tests.docs.commands import mistakes
from tests.docs.pages import Block, PageError, blocks_of
from tests.docs.programs import Program, programs
from tests.docs.typecheck import source_of

PAGE = """\
# Title


```python
def double(number: int) -> int:
    return 2 * number
```

=== "Sync"

    ```python
    answer = thread.run("Hello.")
    ```

=== "Async"

    ```python
    answer = await thread.run("Hello.")
    ```

```python
print(answer, double(1))
```
"""


def blocks(text: str) -> list[Block]:
    return list(blocks_of("page.md", text))


def lines_of(program: Program) -> list[int]:
    return [step.block.line for step in program.steps]


def test_the_halves_are_two_programs_that_share_definitions() -> None:
    sync, asynchronous = programs(blocks(PAGE))

    assert (sync.is_async, lines_of(sync), sync.takes) == (False, [5, 12, 22], ["thread"])
    assert (asynchronous.is_async, lines_of(asynchronous)) == (True, [5, 18])


def test_a_program_is_checked_at_the_lines_of_its_page() -> None:
    page = PAGE.splitlines()
    for program in programs(blocks(PAGE)):
        source = source_of(program).splitlines()
        for number in lines_of(program):
            assert source[number - 1].strip() == page[number - 1].strip()


def test_a_client_of_a_with_is_over_after_it() -> None:
    [program] = programs(
        blocks("```python\nwith Codex() as codex:\n    thread = codex.thread_start()\n```\n")
    )

    assert program.steps[0].closes == {"codex", "thread"}
    assert program.takes == []


def test_a_block_alone_and_a_block_of_tests_are_programs_of_their_own() -> None:
    found = programs(
        blocks(
            "```python\nx = 1\n```\n\n<!-- alone -->\n```python\ny = 2\n```\n"
            "```python\ndef test_x() -> None: ...\n```\n"
        )
    )

    assert [lines_of(program) for program in found] == [[2], [7], [10]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<!-- not run -->\n```python\n```\n", "'not run' needs a reason"),
        ("<!-- unchecked -->\n```python\n```\n", "'unchecked' is none of"),
        ("```python\nx = \n```\n", "not Python"),
    ],
)
def test_a_block_that_breaks_the_convention_is_named(text: str, reason: str) -> None:
    with pytest.raises(PageError, match=rf"^page\.md:\d: {re.escape(reason)}"):
        programs(blocks(text))


@pytest.mark.parametrize(
    ("command", "mistake"),
    [
        ("nox -s lnit", "there is no session 'lnit'"),
        ("python3 scripts/dev.py tets", "there is no session 'tets'"),
        ("python scripts/develop.py", "there is no scripts/develop.py"),
        ("python -m openai_codex docter", "python -m openai_codex has no 'docter'"),
        ("python -m tests.nothing", "there is no module tests.nothing"),
        ("codex app-sever", "the runtime has no 'app-sever'"),
        ("A=1 pip install './packages/rpc[websockets]'", "has no extra ['websockets']"),
        ("pip install /path/to/checkout/packages/sdks", "there is no /path/to/checkout/packages"),
        ("pip install codex-app-server-sdk", "codex-app-server-sdk is not ours on the index"),
        ("pip install 'codex-app-server-sdk-core[otel]'", "-core is not ours on the index"),
        ("pip install codex-app-server-types==0.163.0", "-types is not ours on the index"),
        ("pip install ./packages/sdk ./packages/sdks", "there is no ./packages/sdks"),
        ("pip install requestz", "requestz is none of our packages or tools"),
        ("frobnicate --now", "'frobnicate' is not known"),
    ],
)
def test_a_command_that_is_not_there_is_found(command: str, mistake: str) -> None:
    [block] = blocks(f"```sh\necho hi && {command}  # so it goes\n```\n")

    [found] = mistakes(block)
    assert found.startswith("page.md:2: ")
    assert mistake in found


def test_commands_that_are_there_are_passed() -> None:
    [block] = blocks(
        "```sh\nnox -s tests-3.12 -- \\\n    -k turn\npython -m openai_codex doctor --json | jq .\n"
        "codex login\npip install './packages/rpc[websocket]' openai-codex-cli-bin==0.163.0\n"
        "pip install '/path/to/checkout/packages/sdk[cli,pytest]'\n```\n"
    )

    assert list(mistakes(block)) == []
