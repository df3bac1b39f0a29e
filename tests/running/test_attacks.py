"""Foreign code that means harm: each attack is a file, and says itself how it is to end.

`# ends:` names the endings that are right, `# seconds:` a deadline, `# torch` that it needs torch. What an
attack achieves it prints as `BREACH`. Whatever it prints, the world outside must be as it was.
"""

import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import studykit
from studykit.running.sandbox import Ending, Job, Outcome, Sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="contained only on Linux")

ATTACKS = Path(__file__).parents[1] / "fixtures" / "running" / "attacks"
CANARY = "canary-5b1c7e"


@dataclass(frozen=True)
class World:
    """What attacks are after."""

    folder: Path
    tcp: socket.socket
    unix: socket.socket

    def described(self) -> str:
        """The source of the module `target`."""
        names = {name.upper(): str(self.folder / name) for name in FILES}
        values = {
            **names,
            "HOME": str(Path.home()),
            "PACKAGE": str(Path(studykit.__file__).parent),
            "PARENT": os.getpid(),
            "PORT": self.tcp.getsockname()[1],
            "UNIX": self.unix.getsockname(),
            "CANARY": CANARY,
        }
        return "".join(f"{name} = {value!r}\n" for name, value in values.items())

    def state(self) -> list[tuple[object, ...]]:
        """All that an attack could have changed."""
        found: list[tuple[object, ...]] = []
        for path in sorted(self.folder.iterdir()):
            status = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            found.append(
                (path.name, status.st_mode, status.st_uid, status.st_mtime_ns, status.st_nlink, content)
            )
        return found

    def contacted(self) -> bool:
        for listener in (self.tcp, self.unix):
            try:
                listener.accept()
            except BlockingIOError:
                continue
            return True
        return False


FILES = ("secret", "deck", "snippet", "database")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("outside")
    for name in FILES[:3]:
        (folder / name).write_text(f"{name}: {CANARY}\n", encoding="utf8")
    with sqlite3.connect(folder / "database") as connection:
        connection.execute("create table reviews (card text)")
    connection.close()
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(folder / "listening"))
        unix.listen()
        for listener in (tcp, unix):
            listener.setblocking(False)
        yield World(folder, tcp, unix)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch, Sandbox() as sandbox:
        patch.setenv("STUDYKIT_SECRET", CANARY)
        patch.setenv("PYTHONPATH", f"/{CANARY}")
        sandbox.warm(torch=True)
        sandbox.warm(torch=False)
        yield sandbox


def attack(sandbox: Sandbox, world: World, path: Path) -> tuple[Outcome, list[str]]:
    """Run an attack; return how it ended and how it should have."""
    source = path.read_text(encoding="utf8")
    said = dict(re.findall(r"^# (\w+):? ?(.*)$", source, flags=re.MULTILINE))
    task = {
        "task": "script",
        "source": source,
        "filename": path.name,
        "modules": {"target": world.described()},
    }
    job = Job(
        task, torch="torch" in said, seconds=float(said.get("seconds", 5)), memory_mb=256, contained=True
    )
    return sandbox.run(job), said["ends"].split()


@pytest.mark.parametrize("path", sorted(ATTACKS.glob("*.py")), ids=lambda path: path.stem)
def test_attack_is_survived(path: Path, sandbox: Sandbox, world: World) -> None:
    before = world.state()
    outcome, endings = attack(sandbox, world, path)
    assert "BREACH" not in outcome.stdout + outcome.stderr
    assert outcome.ending in endings, outcome
    assert outcome.ending is Ending.DONE or outcome.reason
    assert world.state() == before
    assert not world.contacted()
    assert not children_of(sandbox)
    assert not leftovers(sandbox)
    assert sandbox.run(Job({"task": "script", "source": "print(6 * 7)", "filename": "x"})).stdout == "42\n"


def children_of(sandbox: Sandbox) -> list[str]:
    """The processes that a zygote is the parent of."""
    pids = [str(pid) for pid in sandbox.processes()]
    listed = subprocess.run(["ps", "-eo", "ppid=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if line.split()[0] in pids]


def leftovers(sandbox: Sandbox) -> list[Path]:
    return [path for folder in sandbox.folders() for path in folder.glob("studykit-*")]
