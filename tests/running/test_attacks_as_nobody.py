"""Root is special to the kernel, most learners are not root: attacks once more, by an ordinary user."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import studykit

NOBODY = 65534
ATTACKS = Path(__file__).parents[1] / "fixtures" / "running" / "attacks"
NAMES = (
    "read_all_ways",
    "write_all_ways",
    "network_all_families",
    "kill_everything",
    "kill_by_owning_a_pipe",
    "look_into_others",
    "look_at_other_processes",
    "every_system_call",
    "shared_by_name",
    "persist",
    "memory_of_the_process",
    "fork_bomb",
    "disk_bomb",
    "disk_unseen",
    "disk_deleted_and_kept",
    "hide_behind_closed_doors",
    "hide_behind_long_names",
    "deep_tree_quickly",
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
        target = "".join(f"{path} = '/dev/null/x'\\n" for path in paths)
        target += "PARENT = 1\\nPORT = 1\\nCANARY = 'no such text'\\n"
        task = {"task": "script", "source": source, "filename": name, "modules": {"target": target}}
        outcome = sandbox.run(Job(task, contained=True, seconds=10))
        print(name, outcome.ending, "BREACH" in outcome.stdout, not any(
            list(folder.glob("studykit-*")) for folder in sandbox.folders()))
"""


@pytest.fixture(scope="module")
def copied() -> Iterator[Path]:
    """A Python that everybody can reach, with what the sandbox needs."""
    folder = Path(tempfile.mkdtemp(prefix="python-for-nobody-"))
    try:
        folder.chmod(0o755)
        _copy_python(folder)
        yield folder
    finally:
        shutil.rmtree(folder)


def _copy_python(folder: Path) -> None:
    library = folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (folder / "bin").mkdir()
    shutil.copy2(Path(sys.executable).resolve(), folder / "bin" / "python")
    left_out = shutil.ignore_patterns("site-packages", "test", "tests", "__pycache__", "idlelib", "config-*")
    shutil.copytree(sysconfig.get_path("stdlib"), library, ignore=left_out)
    for shared in Path(sys.base_prefix, "lib").glob("libpython*.so*"):
        shutil.copy2(shared, folder / "lib")
    for package in ("seccompy", "landlockpy", "platformdirs"):
        source = Path(sysconfig.get_path("purelib"), package)
        shutil.copytree(source, library / "site-packages" / package)
    package = Path(studykit.__file__).parent
    left_out = shutil.ignore_patterns("__pycache__", "builtin", "decks", "snippets", "articles")
    shutil.copytree(package, library / "site-packages" / "studykit", ignore=left_out)
    shutil.copytree(ATTACKS, folder / "attacks")


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="we are an ordinary user already")
def test_attacks_by_an_ordinary_user_are_survived(copied: Path) -> None:
    ended = subprocess.run(
        [str(copied / "bin" / "python"), "-c", PROGRAM, str(copied / "attacks"), *NAMES],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        env={"LD_LIBRARY_PATH": str(copied / "lib")},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr == ""
    seen = {name: rest for name, *rest in map(str.split, ended.stdout.splitlines())}
    assert tuple(seen) == NAMES
    for name, (ending, breach, tidy) in seen.items():
        source = (ATTACKS / f"{name}.py").read_text(encoding="utf8")
        expected = re.match(r"# ends: (.*)", source)
        assert expected is not None
        assert ending in expected[1].split(), (name, ending)
        assert (breach, tidy) == ("False", "True"), name
