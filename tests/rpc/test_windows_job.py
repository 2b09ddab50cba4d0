"""The job object of Windows, on a fake of ``kernel32.dll``."""

from __future__ import annotations

import ctypes
import sys

import pytest
from codex_app_server_rpc.transports._process.windows_job import ExtendedLimits, Job, kernel32

JOB, PROCESS = 11, 22


class FakeKernel32:
    """Keeps what it was asked for, and refuses what it is told to refuse."""

    def __init__(self, refuse: str = "") -> None:
        self.calls: list[tuple[object, ...]] = []
        self.limits = ExtendedLimits()
        self._refuse = refuse

    def _answer(self, result: int, name: str, *arguments: object) -> int:
        self.calls.append((name, *arguments))
        return 0 if name == self._refuse else result

    def CreateJobObjectW(self, attributes: None, name: None, /) -> int | None:  # noqa: N802  # its name
        return self._answer(JOB, "CreateJobObjectW")

    def SetInformationJobObject(  # noqa: N802  # its name
        self, job: int, kind: int, limits: ctypes.Array[ctypes.c_char], size: int, /
    ) -> int:
        ctypes.memmove(ctypes.addressof(self.limits), limits, size)
        return self._answer(1, "SetInformationJobObject", job, kind)

    def OpenProcess(self, access: int, inherit: bool, pid: int, /) -> int | None:  # noqa: N802  # its name
        return self._answer(PROCESS, "OpenProcess", access, inherit, pid)

    def AssignProcessToJobObject(self, job: int, process: int, /) -> int:  # noqa: N802  # its name
        return self._answer(1, "AssignProcessToJobObject", job, process)

    def TerminateJobObject(self, job: int, exit_code: int, /) -> int:  # noqa: N802  # its name
        return self._answer(1, "TerminateJobObject", job, exit_code)

    def CloseHandle(self, handle: int, /) -> int:  # noqa: N802  # its name
        return self._answer(1, "CloseHandle", handle)


def test_a_process_is_put_into_a_job_that_ends_with_its_owner() -> None:
    library = FakeKernel32()
    Job(library, 4711)
    assert library.calls == [
        ("CreateJobObjectW",),
        ("SetInformationJobObject", JOB, 9),
        ("OpenProcess", 0x0101, False, 4711),
        ("AssignProcessToJobObject", JOB, PROCESS),
        ("CloseHandle", PROCESS),
    ]
    assert library.limits.BasicLimitInformation.LimitFlags == 0x2000


@pytest.mark.skipif(sys.maxsize < 2**32, reason="the sizes are those of 64 bits")
def test_the_limits_have_the_size_that_the_system_expects() -> None:
    assert ctypes.sizeof(ExtendedLimits) == 144


def test_a_job_is_killed_and_closed_once() -> None:
    library = FakeKernel32()
    job = Job(library, 4711)
    library.calls.clear()
    job.kill()
    job.close()
    job.close()
    job.kill()
    assert library.calls == [("TerminateJobObject", JOB, 1), ("CloseHandle", JOB)]


@pytest.mark.parametrize(
    ("refused", "closed"),
    [
        ("CreateJobObjectW", []),
        ("SetInformationJobObject", [JOB]),
        ("OpenProcess", [JOB]),
        ("AssignProcessToJobObject", [PROCESS, JOB]),
    ],
)
def test_a_job_that_the_system_refuses_leaves_no_handle(refused: str, closed: list[int]) -> None:
    library = FakeKernel32(refused)
    with pytest.raises(OSError, match="the system"):
        Job(library, 4711)
    assert [call[1] for call in library.calls if call[0] == "CloseHandle"] == closed


@pytest.mark.skipif(sys.platform == "win32", reason="there it is")
def test_the_library_is_not_looked_for_on_other_systems() -> None:
    with pytest.raises(OSError, match="Windows"):
        kernel32()
