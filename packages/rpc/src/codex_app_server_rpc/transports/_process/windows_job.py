"""The job object that ends the server's whole tree on Windows.

Windows has no process groups to kill. What a process starts joins the job that it is in, so the
job holds the tree. It is told to kill what is in it when its last handle closes: the handle is
this process's alone, so that also happens when this process is killed.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes
from typing import Final, Protocol, cast

__all__ = ["Job", "Kernel32", "kernel32"]

KILL_ON_JOB_CLOSE: Final = 0x2000
EXTENDED_LIMIT_INFORMATION: Final = 9
SET_QUOTA_AND_TERMINATE: Final = 0x0101


class _BasicLimits(ctypes.Structure):
    """``JOBOBJECT_BASIC_LIMIT_INFORMATION``, in types of the same size on every system."""

    _fields_ = (
        ("PerProcessUserTimeLimit", ctypes.c_int64),
        ("PerJobUserTimeLimit", ctypes.c_int64),
        ("LimitFlags", ctypes.c_uint32),
        ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", ctypes.c_uint32),
        ("Affinity", ctypes.c_size_t),
        ("PriorityClass", ctypes.c_uint32),
        ("SchedulingClass", ctypes.c_uint32),
    )


class ExtendedLimits(ctypes.Structure):
    """``JOBOBJECT_EXTENDED_LIMIT_INFORMATION``."""

    BasicLimitInformation: _BasicLimits

    _fields_ = (
        ("BasicLimitInformation", _BasicLimits),
        ("IoInfo", ctypes.c_ulonglong * 6),
        ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t),
        ("PeakJobMemoryUsed", ctypes.c_size_t),
    )


class Kernel32(Protocol):
    """The functions of ``kernel32.dll`` that are used; each gives 0 or ``None`` for a failure."""

    def CreateJobObjectW(self, attributes: None, name: None, /) -> int | None:  # noqa: N802  # its name
        """Make a job; its handle is not inherited."""
        ...

    def SetInformationJobObject(  # noqa: N802  # its name
        self, job: int, kind: int, limits: ctypes.Array[ctypes.c_char], size: int, /
    ) -> int:
        """Set a job's limits."""
        ...

    def OpenProcess(self, access: int, inherit: bool, pid: int, /) -> int | None:  # noqa: N802  # its name
        """Open a handle to a process."""
        ...

    def AssignProcessToJobObject(self, job: int, process: int, /) -> int:  # noqa: N802  # its name
        """Put a process into a job."""
        ...

    def TerminateJobObject(self, job: int, exit_code: int, /) -> int:  # noqa: N802  # its name
        """End every process in a job."""
        ...

    def CloseHandle(self, handle: int, /) -> int:  # noqa: N802  # its name
        """Close a handle."""
        ...


def kernel32() -> Kernel32:
    """Load the library, with the types of what is used of it; on Windows only."""
    if sys.platform == "win32":
        library = ctypes.WinDLL("kernel32", use_last_error=True)
        handle, number, flag = wintypes.HANDLE, wintypes.DWORD, wintypes.BOOL
        # Without these, handles would be cut to the 32 bits of a C int.
        for name, result, arguments in (
            ("CreateJobObjectW", handle, (ctypes.c_void_p, wintypes.LPCWSTR)),
            ("SetInformationJobObject", flag, (handle, ctypes.c_int, ctypes.c_void_p, number)),
            ("OpenProcess", handle, (number, flag, number)),
            ("AssignProcessToJobObject", flag, (handle, handle)),
            ("TerminateJobObject", flag, (handle, wintypes.UINT)),
            ("CloseHandle", flag, (handle,)),
        ):
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
        return cast("Kernel32", library)
    raise OSError("kernel32 is a library of Windows")


class Job:
    """A job that ends what is in it at the latest with this process."""

    def __init__(self, library: Kernel32, pid: int) -> None:
        """Make a job and put a process into it.

        Args:
            library: ``kernel32.dll``.
            pid: The process, just started: what it starts from now on is in the job too.

        Raises:
            OSError: The system refuses.
        """
        self._library = library
        self._handle = library.CreateJobObjectW(None, None)
        if not self._handle:
            raise OSError("the system makes no job object")
        try:
            self._limit(self._handle)
            self._take_in(self._handle, pid)
        except OSError:
            self.close()
            raise

    def kill(self) -> None:
        """End every process in the job."""
        if self._handle:
            self._library.TerminateJobObject(self._handle, 1)

    def close(self) -> None:
        """Let go of the job, which ends what is still in it; idempotent."""
        handle, self._handle = self._handle, None
        if handle:
            self._library.CloseHandle(handle)

    def _limit(self, job: int) -> None:
        limits = ExtendedLimits()
        limits.BasicLimitInformation.LimitFlags = KILL_ON_JOB_CLOSE
        data = ctypes.create_string_buffer(bytes(limits), ctypes.sizeof(limits))
        if not self._library.SetInformationJobObject(
            job, EXTENDED_LIMIT_INFORMATION, data, len(data)
        ):
            raise OSError("the system does not limit the job object")

    def _take_in(self, job: int, pid: int) -> None:
        process = self._library.OpenProcess(SET_QUOTA_AND_TERMINATE, False, pid)
        if not process:
            raise OSError("the system does not open the process")
        try:
            if not self._library.AssignProcessToJobObject(job, process):
                raise OSError("the system does not put the process into a job object")
        finally:
            self._library.CloseHandle(process)
