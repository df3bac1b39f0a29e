"""Starts zygotes and speaks with them: the app's end of `zygote.py`."""

import contextlib
import json
import os
import site
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studykit import config
from studykit.library.roots import default_roots
from studykit.running import scratch, wire

START_SECONDS = 120
END_SECONDS = 2
SETTLE_SECONDS = 1

_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_PASSED_ON = ("LD_LIBRARY_PATH", "SYSTEMROOT")


def can_fork() -> bool:
    """Whether runs can be forked from a warm process, and each be known for sure by its pidfd."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


def gpu_present() -> bool:
    """Whether there may be a CUDA device; asking torch would initialise the driver."""
    return Path("/dev/dxg").exists() or any(Path("/dev").glob("nvidia[0-9]*"))


class ZygoteLostError(Exception):
    """The zygote is gone: it was idle, or something killed it."""


class Zygote:
    """One process that children are forked from. Orders may come from several threads."""

    def __init__(self, kind: str, *, landlock_abi: int | None = None) -> None:
        self.folder = scratch.create()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        settings: wire.Settings = {
            "kind": kind,
            "control": theirs.fileno(),
            "folder": str(self.folder),
            "package_root": str(Path(__file__).resolve().parents[2]),
            "import_roots": import_roots(),
            "hidden": libraries(),
            "landlock_abi": landlock_abi,
        }
        with theirs:
            self._process = _start(settings)
        self._hello: Mapping[str, Any] | None = None
        self._lock = threading.Lock()

    def hello(self) -> Mapping[str, Any]:
        """What the zygote said of itself when it was ready; waits for that."""
        with self._lock:
            if self._hello is None:
                self._hello = self._wait_for_hello()
            return self._hello

    def _wait_for_hello(self) -> Mapping[str, Any]:
        self._control.settimeout(START_SECONDS)
        try:
            note, _descriptors = wire.read_note(self._control)
        except TimeoutError:
            note = None
        if note is None:
            raise ZygoteLostError(f"Python for snippets did not start within {START_SECONDS} seconds")
        return note

    def bear(self, order: wire.Order, descriptors: list[int]) -> None:
        """Order a child."""
        try:
            wire.send_order(self._control, order, descriptors)
        except OSError as error:
            raise ZygoteLostError(str(error)) from error

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def settle(self) -> None:
        """Wait a moment for its end to show, if it is ending: its sockets close before it can be reaped."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(SETTLE_SECONDS)

    @property
    def pid(self) -> int:
        return self._process.pid

    def close(self) -> None:
        """End it and all its children, and wait until they are gone."""
        self._control.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        scratch.remove(self.folder)


def _start(settings: wire.Settings) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own code
        [sys.executable, *PYTHON_FLAGS, "-c", _BOOT, json.dumps(settings)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=environment(settings["kind"], settings["folder"]),
        pass_fds=(settings["control"],),
        start_new_session=True,
    )


PYTHON_FLAGS = ("-I", "-B", "-X", "utf8")
"""Isolated: no PYTHON* variable, no current folder on the path; no bytecode is written."""

_BOOT = """
import json, sys
settings = json.loads(sys.argv[1])
sys.path += settings["import_roots"]
sys.path.insert(0, settings["package_root"])
from studykit.running import zygote
sys.path.remove(settings["package_root"])
zygote.main(settings)
"""


def import_roots() -> list[str]:
    """The learner's own site-packages, which an isolated Python leaves out, if they are in use."""
    folder = site.getusersitepackages()
    return [folder] if site.ENABLE_USER_SITE and Path(folder).is_dir() else []


def libraries() -> list[str]:
    """The folders of all decks and snippets, which hold reference answers, and of the learner's data."""
    home = config.home()
    try:
        folder = Path.cwd()
    except OSError:  # it was removed under us
        folder = home
    roots = default_roots(home, folder)
    return [str(home), *(str(root.path / name) for root in roots for name in ("decks", "snippets"))]


def environment(kind: str, folder: str) -> dict[str, str]:
    """All the environment that foreign code will ever see: nothing of the learner's."""
    interpreted = {} if kind == "cuda" else {"TRITON_INTERPRET": "1"}
    return {
        **interpreted,
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": folder,
        "TMPDIR": folder,
        "MALLOC_ARENA_MAX": "2",
        "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
        **dict.fromkeys(_ONE_THREAD, "1"),
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
    }
