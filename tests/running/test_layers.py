"""The layers, each tried alone, and the same attacks without them."""

import dataclasses
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from studykit.running import layers
from studykit.running.jobs import Ending, Job, Layer, Outcome
from studykit.running.sandbox import Sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there are layers only on Linux")

ALL = ("limits", "privileges", "landlock", "seccomp")


class Open(Sandbox):
    """A sandbox from which layers can be left out."""

    def without(self, *left_out: str, source: str, **values: object) -> Outcome:
        """Run a script with all layers but these."""
        assigned = "".join(f"{name} = {value!r}\n" for name, value in values.items())
        task = {"task": "script", "source": source, "filename": "x", "modules": {"target": assigned}}
        return self._run(Job(task), tuple(name for name in ALL if name not in left_out))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Open]:
    with Open() as sandbox:
        yield sandbox


def test_every_layer_holds_by_itself(sandbox: Open) -> None:
    found = sandbox.layers()
    assert [layer.name for layer in found] == ["limits", "privileges", "landlock", "seccomp", "fork"]
    assert [layer.name for layer in found if not layer.holds] == []
    assert sandbox.contained


def test_a_layer_that_is_left_out_is_found_missing(sandbox: Open) -> None:
    found = layers.try_all(lambda job, _holding: sandbox._run(job, ()))
    # Without root there are no privileges to be taken away.
    promised = list(ALL) if os.getuid() == 0 else ["limits", "landlock", "seccomp"]
    assert layers.missing(found) == promised
    details = {layer.name: layer.detail for layer in found}
    assert details["landlock"] == (
        "Needs Linux 5.13 or newer with Landlock enabled. "
        "(Not refused: read_outside, list_outside, write_outside, make_outside.)"
    )


def test_a_layer_that_cannot_be_closed_does_not_hold() -> None:
    unavailable = Outcome(Ending.UNAVAILABLE, reason="No such layer.")
    found = layers.try_all(lambda _job, _holding: unavailable)
    assert [layer.holds for layer in found] == [False, False, False, False]
    assert found[0].detail == "A run can take all memory and processor time. (No such layer.)"


@pytest.mark.parametrize("layer", ["landlock", "seccomp"])
def test_each_of_the_two_refuses_alone_what_the_other_refuses_too(
    sandbox: Open, layer: str, tmp_path: Path
) -> None:
    deck = tmp_path / "deck"
    deck.write_text("cards", encoding="utf8")
    source = "import os; from target import DECK\nos.truncate(DECK, 0)"
    assert sandbox.without(layer, source=source, DECK=str(deck)).ending is Ending.FORBIDDEN
    assert deck.read_text(encoding="utf8") == "cards"


def test_without_both_the_same_attack_succeeds(sandbox: Open, tmp_path: Path) -> None:
    deck = tmp_path / "deck"
    deck.write_text("cards", encoding="utf8")
    source = "import os; from target import DECK\nos.truncate(DECK, 0)"
    assert sandbox.without("landlock", "seccomp", source=source, DECK=str(deck)).ending is Ending.DONE
    assert deck.read_text(encoding="utf8") == ""


def test_without_landlock_a_secret_is_read(sandbox: Open, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("canary", encoding="utf8")
    source = "from target import SECRET\nprint(open(SECRET).read())"
    assert sandbox.without("landlock", source=source, SECRET=str(secret)).stdout == "canary\n"
    assert sandbox.without(source=source, SECRET=str(secret)).ending is Ending.FORBIDDEN


@pytest.mark.parametrize(
    "source",
    [
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "import os; os.getppid() and os.kill(os.getpid(), 0) or os.fork() or os._exit(0)",
        "import os; os.memfd_create('x')",
        "import os; os.chmod('.', 0o700)",
    ],
)
def test_without_seccomp_the_kernel_is_open(sandbox: Open, source: str) -> None:
    assert sandbox.without("seccomp", source=source).ending is Ending.DONE
    assert sandbox.without(source=source).ending is Ending.FORBIDDEN


def test_without_limits_memory_is_not_counted(sandbox: Open) -> None:
    source = "import mmap; mmap.mmap(-1, 2 ** 31)"
    assert sandbox.without("limits", source=source).ending is Ending.DONE
    assert sandbox.without(source=source).ending is not Ending.DONE


def test_without_the_sandbox_only_code_that_is_vouched_for_runs(sandbox: Open) -> None:
    with Open() as other:
        other._layers = [
            dataclasses.replace(layer, holds=layer.name != "landlock") for layer in sandbox.layers()
        ]
        task = {"task": "script", "source": "print(1)", "filename": "x"}
        assert other.run(Job(task)).stdout == "1\n"
        refused = other.run(Job(task, contained=True))
    assert refused.ending is Ending.UNAVAILABLE
    assert refused.reason == (
        "The sandbox does not hold here (landlock), so code that nobody vouches for is not run."
    )


@pytest.mark.parametrize("abi", [1, 2, 3, 5])
def test_the_disk_is_closed_also_by_an_older_landlock(abi: int, tmp_path: Path) -> None:
    attacks = Path(__file__).parents[1] / "fixtures" / "running" / "attacks"
    outside = tmp_path / "outside"
    outside.write_text("as it was", encoding="utf8")
    names = ("SECRET", "DECK", "DATABASE", "SNIPPET", "HOME", "UNIX", "PACKAGE")
    values = "".join(f"{name} = {str(outside)!r}\n" for name in names) + "PARENT = 1\nPORT = 1\n"
    with Sandbox(landlock_abi=abi) as sandbox:
        assert sandbox.contained
        for name in ("write_all_ways", "network_all_families", "read_all_ways"):
            source = (attacks / f"{name}.py").read_text(encoding="utf8")
            task = {"task": "script", "source": source, "filename": name, "modules": {"target": values}}
            outcome = sandbox.run(Job(task, contained=True))
            assert (outcome.ending, outcome.stdout) == (Ending.DONE, "")
    assert outside.read_text(encoding="utf8") == "as it was"


def test_layers_read_well() -> None:
    assert layers.missing([Layer("a", True, ""), Layer("limits", False, "")]) == ["limits"]
    assert layers.missing(layers.ALONE) == ["landlock", "seccomp"]
