"""Execute a notebook in a kernel: ``python execute.py NOTEBOOK FOLDER``, which prints the result.

A program of its own, for what Jupyter leaves open at its end is warned of: in the tests' process
that would fail whatever test comes later. The kernel is this Python, by a kernel spec that is made
in the folder: nothing of the user's Jupyter is read. The notebook works in the current folder.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbformat import NotebookNode

LIMIT = 60
"""How long a cell may take, in seconds."""


def kernel(folder: Path) -> AsyncKernelManager:
    """Make a kernel that is this Python, whatever kernels are installed."""
    spec = folder / "kernels" / "walkthrough"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    described = {"argv": argv, "display_name": "Walkthrough", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(described), encoding="utf-8")
    specs = KernelSpecManager(kernel_dirs=[str(spec.parent)], ensure_native_kernel=False)
    return AsyncKernelManager(kernel_name="walkthrough", kernel_spec_manager=specs)


def main() -> None:
    """Execute the notebook; a cell that raises keeps its traceback, and ends it."""
    reads: Callable[..., NotebookNode] = cast("Any", nbformat).reads  # which has no types
    notebook = reads(Path(sys.argv[1]).read_text(encoding="utf-8"), as_version=4)
    client = NotebookClient(notebook, km=kernel(Path(sys.argv[2])), timeout=LIMIT)
    client.execute()
    print(json.dumps(notebook))


if __name__ == "__main__":
    main()
