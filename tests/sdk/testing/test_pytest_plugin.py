"""The plugin in the hands of a user: their tests, their configuration, their mistakes."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import pytest
from codex_app_server_rpc import read_transcript

pytest_plugins = ["pytester"]

USER_PROGRAM: Final = '''
from openai_codex import AsyncCodex, Codex

def summarize(path):
    """A user's own program: it makes a client itself."""
    with Codex() as codex:
        return codex.thread_start().run(f"Summarize {path} in one sentence.").final_response

async def summarize_async(path):
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        return (await thread.run(f"Summarize {path} in one sentence.")).final_response
'''

TEN_LINES: Final = """
from my_program import summarize

def test_it_summarizes(codex_model):
    codex_model.add("It sorts numbers.")
    assert summarize("sort.py") == "It sorts numbers."
    assert "sort.py" in codex_model.requests[0].prompt
"""


@pytest.fixture
def users(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with a user's program, whose tests run with every warning an error."""
    pytester.makepyfile(my_program=USER_PROGRAM)
    pytester.makeini(
        """
        [pytest]
        filterwarnings = error
        pythonpath = .
        asyncio_default_fixture_loop_scope = function
        """
    )
    return pytester


def run(users: pytest.Pytester, *options: str) -> pytest.RunResult:
    return users.runpytest_subprocess("-p", "no:cacheprovider", *options, timeout=90)


def test_a_users_test_of_their_own_program_takes_ten_lines(users: pytest.Pytester) -> None:
    users.makepyfile(TEN_LINES)

    run(users).assert_outcomes(passed=1)


def test_clients_are_there_started_and_work_in_the_workspace(users: pytest.Pytester) -> None:
    users.makepyfile(
        """
        from openai_codex.testing import Reply

        def test_it(codex, codex_home, codex_model):
            assert codex.metadata.codex_home == str(codex_home.codex_home)
            codex_model.add(Reply.command("pwd"), "Done.")
            assert codex.thread_start().run("Where are you?").final_response == "Done."
            [output] = codex_model.requests[1].tool_outputs.values()
            assert str(codex_home.workspace) in output
        """
    )

    run(users).assert_outcomes(passed=1)


ASYNC_TESTS: Final = """
import pytest

@pytest.fixture
async def thread(async_codex):
    yield await async_codex.thread_start()

{0}
async def test_it(async_codex, codex_model):
    codex_model.play(lambda request: f"You said {{request.prompt}}")
    thread = await async_codex.thread_start()
    assert (await thread.run("hi")).final_response == "You said hi"

{0}
async def test_a_program(codex_model):
    from my_program import summarize_async
    codex_model.add("It sorts.")
    assert await summarize_async("sort.py") == "It sorts."
"""


def test_async_tests_work_in_the_strict_mode_of_pytest_asyncio(users: pytest.Pytester) -> None:
    users.makepyfile(ASYNC_TESTS.format("@pytest.mark.asyncio"))

    run(users, "-o", "asyncio_mode=strict").assert_outcomes(passed=2)


def test_async_tests_and_fixtures_work_in_its_auto_mode(users: pytest.Pytester) -> None:
    users.makepyfile(
        ASYNC_TESTS.format("")
        + """
async def test_a_fixture_that_uses_it(thread, codex_model):
    codex_model.add("Fine.")
    assert (await thread.run("How are you?")).final_response == "Fine."
"""
    )

    run(users, "-o", "asyncio_mode=auto").assert_outcomes(passed=3)


def test_an_async_client_is_in_the_event_loop_of_its_test(users: pytest.Pytester) -> None:
    users.makepyfile(
        """
        import pytest

        async def check(codex, model):
            model.add("Fine.")
            thread = await codex.thread_start()
            assert (await thread.run("How are you?")).final_response == "Fine."

        @pytest.mark.asyncio(loop_scope="module")
        async def test_of_the_modules_loop(async_codex, codex_model):
            await check(async_codex, codex_model)

        @pytest.mark.asyncio
        async def test_of_the_default_loop(async_codex, codex_model):
            await check(async_codex, codex_model)

        @pytest.mark.asyncio(loop_scope="class")
        class TestOfAClass:
            async def test_of_its_loop(self, async_codex, codex_model):
                await check(async_codex, codex_model)
        """
    )

    run(users).assert_outcomes(passed=3)
    in_session = "asyncio_default_test_loop_scope=session"
    run(users, "-o", in_session, "-o", "asyncio_mode=auto").assert_outcomes(passed=3)


def test_pytest_asyncio_is_found_by_whatever_name_it_was_loaded(
    users: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    users.makepyfile(ASYNC_TESTS.format("@pytest.mark.asyncio"))

    run(users, "-p", "openai_codex", "-p", "pytest_asyncio.plugin").assert_outcomes(passed=2)


def test_async_tests_work_with_the_plugin_of_anyio_alone(users: pytest.Pytester) -> None:
    users.makeconftest(
        """
        import pytest

        @pytest.fixture
        def anyio_backend():
            return "asyncio"
        """
    )
    users.makepyfile(ASYNC_TESTS.format("@pytest.mark.anyio"))

    run(
        users, "-p", "no:asyncio", "-W", "ignore:Unknown config option", "-c", "/dev/null"
    ).assert_outcomes(passed=2)


def test_a_missing_pytest_asyncio_is_a_sentence(users: pytest.Pytester) -> None:
    users.makepyfile("def test_it(async_codex): pass")

    result = run(users, "-p", "no:asyncio", "-p", "no:anyio", "-c", "/dev/null")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["async_codex: pytest-asyncio, which it needs, is not installed*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_request_beyond_the_script_fails_the_test_though_the_program_hides_it(
    users: pytest.Pytester,
) -> None:
    users.makepyfile(
        """
        from my_program import summarize

        def test_it(codex_model):
            try:
                summarize("sort.py")
            except Exception:
                pass

        def test_it_too(codex_model):
            try:
                summarize("sort.py")
            except Exception:
                pass
            assert "this" == "that"
        """
    )

    result = run(users)

    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "codex_model: the script is exhausted: request 1 of the runtime to the model*",
            "*assert 'this' == 'that'*",
            "*Captured codex_model call*",
            "the script is exhausted: request 1 *",
        ]
    )


def test_a_test_that_runs_twice_fails_twice_for_its_script(users: pytest.Pytester) -> None:
    users.makeconftest(
        """
        from _pytest.runner import runtestprotocol

        def pytest_runtest_protocol(item, nextitem):
            for _ in range(2):
                item._initrequest()
                for report in runtestprotocol(item, nextitem=nextitem, log=False):
                    item.ihook.pytest_runtest_logreport(report=report)
            return True
        """
    )
    users.makepyfile(
        """
        def test_it(codex, codex_model):
            try:
                codex.thread_start().run("hi")
            except Exception:
                pass
        """
    )

    run(users).assert_outcomes(failed=2)


def test_what_goes_wrong_in_a_script_after_the_test_is_an_error(users: pytest.Pytester) -> None:
    users.makepyfile(
        """
        import pytest

        @pytest.fixture
        def farewell(codex):
            yield
            try:
                codex.thread_start().run("Goodbye.")
            except Exception:
                pass

        def test_it(farewell): pass
        """
    )

    result = run(users)

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["codex_model: the script is exhausted: request 1 *"])


def test_a_script_that_raises_fails_the_test(users: pytest.Pytester) -> None:
    users.makepyfile(
        """
        def test_it(codex, codex_model):
            codex_model.play(lambda request: request.nonsense)
            try:
                codex.thread_start().run("hi")
            except Exception:
                pass
        """
    )

    result = run(users)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["codex_model: the script raised AttributeError*nonsense*"])


def test_a_missing_runtime_and_a_broken_configuration_are_a_sentence(
    users: pytest.Pytester,
) -> None:
    users.makepyfile(
        test_missing="""
        import pytest
        from openai_codex import CodexConfig

        @pytest.fixture
        def codex_config():
            return CodexConfig(codex_bin="no/such/program")

        def test_it(codex): pass

        @pytest.mark.asyncio
        async def test_it_too(async_codex): pass
        """,
        test_broken="""
        import pytest

        from openai_codex import CodexConfig

        @pytest.fixture
        def codex_config():
            return CodexConfig(config_overrides=("nonsense",))

        def test_it(codex): pass
        """,
    )

    result = run(users)

    result.assert_outcomes(errors=3)
    missing = "the runtime did not start: codex_bin is no/such/program, but there is no such file*"
    result.stdout.fnmatch_lines_random(
        [
            f"codex: {missing}",
            f"async_codex: {missing}",
            "codex: the runtime did not start: *exit code*",
            "*nonsense*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")
    result.stdout.no_fnmatch_line("*During handling of the above*")


def test_a_machine_without_a_free_port_is_a_sentence(users: pytest.Pytester) -> None:
    users.makeconftest(
        """
        import socketserver

        def refuse(self):
            raise OSError(98, "Address already in use")

        socketserver.TCPServer.server_bind = refuse
        """
    )
    users.makepyfile("def test_it(codex_model): pass")

    result = run(users)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["codex_model: the scripted model cannot listen on the loopback: *Address already in use"]
    )
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_the_plugin_can_be_turned_off(users: pytest.Pytester) -> None:
    users.makepyfile("def test_it(codex_model): pass")

    result = run(users, "-p", "no:openai_codex")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'codex_model' not found*"])


def test_the_environment_is_the_homes_and_comes_back(
    users: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a key")
    monkeypatch.setenv("CODEX_HOME", "the developer's own")
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    monkeypatch.setenv("COVERAGE_PROCESS_START", "setup.cfg")
    monkeypatch.setenv("CODEX_BIN", "codex")
    users.makepyfile(
        """
        import os

        before = dict(os.environ)

        def test_it(codex_home, monkeypatch):
            monkeypatch.undo()
            assert "OPENAI_API_KEY" not in os.environ
            assert os.environ["CODEX_HOME"] == str(codex_home.codex_home)
            assert os.environ["DATABASE_URL"] == "sqlite://"
            assert os.environ["COVERAGE_PROCESS_START"] == "setup.cfg"
            assert os.environ["CODEX_BIN"] == "codex"
            assert "PYTEST_CURRENT_TEST" in os.environ

        def test_afterwards():
            now = dict(os.environ)
            assert now.pop("PYTEST_CURRENT_TEST")
            assert now == {k: v for k, v in before.items() if k != "PYTEST_CURRENT_TEST"}
        """
    )

    run(users, "-o", "codex_keep_env=DATABASE_*").assert_outcomes(passed=2)


def test_the_fixtures_are_documented(users: pytest.Pytester) -> None:
    listing = run(users, "--fixtures").stdout.str()

    for name in ("codex_home", "codex_model", "codex_config", "codex", "async_codex"):
        assert f"\n{name} -- " in listing
    assert "_codex_of" not in listing


def test_pytest_does_not_mind_that_the_package_was_imported_before(
    users: pytest.Pytester,
) -> None:
    # pytest rewrites the assertions of every package with a plugin that comes as a wheel.
    users.makeconftest("import pytest; pytest.register_assert_rewrite('openai_codex')")
    users.makepyfile("def test_it(): pass")
    program = "import sys, openai_codex, pytest; sys.exit(pytest.main(['-W', 'error']))"

    assert users.run(sys.executable, "-c", program, timeout=60).ret == 0


def test_the_plugin_imports_next_to_nothing() -> None:
    program = (
        "import sys, pytest; before = set(sys.modules)\n"
        "import openai_codex.testing.pytest_plugin\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    printed = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert printed.split() == [
        "openai_codex",
        "openai_codex._version",
        "openai_codex.testing",
        "openai_codex.testing.pytest_plugin",
    ]


@pytest.mark.parametrize("call", ["summarize('a')", "asyncio.run(summarize_async('a'))"])
def test_a_traceback_shows_the_lines_of_the_user_and_not_ours(
    users: pytest.Pytester, call: str
) -> None:
    users.makepyfile(
        f"""
        import asyncio
        from my_program import summarize, summarize_async

        def test_it(codex_model, monkeypatch):
            monkeypatch.setenv("CODEX_BIN", "/no/such/program")
            {call}
        """
    )

    result = run(users)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E  *RuntimeNotFoundError: CODEX_BIN is *", "my_program.py:*"])
    for name in ("keywords.py", "codex.py", "launch.py", "connect.py", "_primitives.py"):
        result.stdout.no_fnmatch_line(f"*openai_codex*{name}:*")


def test_a_wire_log_in_the_users_home_stays_there(
    users: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(users.path))
    monkeypatch.setenv("CODEX_WIRE_LOG", "~/wire.jsonl")
    users.makepyfile(TEN_LINES)

    run(users).assert_outcomes(passed=1)

    assert read_transcript(users.path / "wire.jsonl")
