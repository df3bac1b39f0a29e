"""Root is special to the kernel, most learners are not root: attacks once more, by an ordinary user."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import studykit

NOBODY = 65534
ATTACKS = Path(__file__).parents[1] / "fixtures" / "running" / "attacks"
NAMES = (
    "read_all_ways",
    "write_all_ways",
    "network_all_families",
    "kill_by_owning_a_pipe",
    "fork_bomb",
    "disk_bomb",
    "disk_unseen",
    "thread_bomb",
    "foreign_system_call",
)
PROGRAM = """
import sys
from pathlib import Path
from studykit.running.sandbox import Job, Sandbox

with Sandbox() as sandbox:
    assert sandbox.contained, sandbox.layers()
    for name in sys.argv[2:]:
        source = Path(sys.argv[1], name + ".py").read_text()
        paths = ("SECRET", "DECK", "SNIPPET", "DATABASE", "HOME", "PACKAGE", "UNIX")
        target = "".join(f"{path} = '/dev/null/x'\\n" for path in paths) + "PARENT = PORT = 1\\n"
        task = {"task": "script", "source": source, "filename": name, "modules": {"target": target}}
        outcome = sandbox.run(Job(task, contained=True, seconds=2))
        print(name, outcome.ending, "BREACH" in outcome.stdout)
"""


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="we are an ordinary user already")
def test_attacks_by_an_ordinary_user_are_survived(tmp_path: Path) -> None:
    root = str(Path(studykit.__file__).parents[1])
    try:
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(ATTACKS), *NAMES],
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            env={"PYTHONPATH": root},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
    except PermissionError:
        pytest.skip("this Python lies where an ordinary user cannot reach it")
    assert ended.stderr == ""
    endings = dict(line.split(maxsplit=1) for line in ended.stdout.splitlines())
    assert endings == {
        "read_all_ways": "done False",
        "write_all_ways": "done False",
        "network_all_families": "done False",
        "kill_by_owning_a_pipe": "done False",
        "fork_bomb": "forbidden False",
        "disk_bomb": "forbidden False",
        "disk_unseen": "forbidden False",
        "thread_bomb": endings["thread_bomb"],
        "foreign_system_call": endings["foreign_system_call"],
    }
    assert endings["thread_bomb"].split()[0] in ("forbidden", "memory", "error", "timeout")
    assert endings["foreign_system_call"] in ("forbidden False", "crash False")
