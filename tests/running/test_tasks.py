"""What a child does, each time in a process of its own, as foreign code would leave it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studykit.running.plain import decode, encode

LISTS = (
    Path(__file__).parent.parent / "fixtures" / "running" / "library" / "snippets" / "texts" / "lists.py"
).read_text()

CHILD = """
import sys
from studykit.running import plain, tasks
try:
    told = ("value", tasks.run(plain.decode(sys.stdin.buffer.read())))
except BaseException as error:
    told = ("error", tasks.describe(error))
sys.stdout.flush()
sys.stderr.buffer.write(plain.encode(told))
"""


def child(**task: Any) -> tuple[str, Any, str]:
    """Return whether a value or an error came out, which, and what was printed."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD], input=encode(task), capture_output=True, check=True, timeout=60
    )
    kind, value = decode(done.stderr)
    return kind, value, done.stdout.decode()


def call(code: str, *cases: dict[str, Any], function: str = "f", **more: Any) -> tuple[str, Any, str]:
    pieces = [{"source": code, "filename": "<answer>"}]
    return child(task="call", code=pieces, function=function, cases=[encode(case) for case in cases], **more)


def values(told: tuple[str, Any, str]) -> list[Any]:
    assert told[0] == "value", told
    return [decode(blob) for blob in told[1]]


def test_samples_are_drawn_for_each_seed() -> None:
    drawn = child(
        task="samples", module=LISTS, filename="lists.py", function="sample_harmonic", seeds=[0, 1, 0]
    )
    first, second, again = values(drawn)
    assert first == again
    assert set(second) == {"terms"}


def test_a_sample_that_is_no_dict_is_an_error() -> None:
    _kind, error, _out = child(
        task="samples", module="def s(seed): return [seed]", filename="x.py", function="s", seeds=[0]
    )
    assert error["message"] == "a sample must return a dict of keyword arguments, not list"


def test_a_function_is_called_once_for_each_case() -> None:
    assert values(call("def f(x, y=1): return x + y", {"x": 1}, {"x": 1, "y": 5})) == [2, 6]


def test_an_output_is_written_down_before_the_next_case_can_change_it() -> None:
    code = "seen = []\ndef f(x):\n    seen.append(x)\n    return seen\n"
    assert values(call(code, {"x": 1}, {"x": 2})) == [[1], [1, 2]]


def test_every_case_gets_its_own_arguments() -> None:
    code = "def f(x):\n    x.append(0)\n    return x\n"
    same = {"x": [1]}
    assert values(call(code, same, same)) == [[1, 0], [1, 0]]


def test_pieces_share_one_namespace_and_future_imports() -> None:
    pieces = [
        {"source": "from __future__ import annotations\nimport math\n", "filename": "<prelude>"},
        {"source": "def f(x: Undefined) -> Nowhere: return math.floor(x)\n", "filename": "<answer>"},
    ]
    told = child(task="call", code=pieces, function="f", cases=[encode({"x": 1.5})])
    assert values(told) == [1]


def test_a_probe_lives_in_a_module_of_its_own() -> None:
    probe = {
        "source": "def probe_f(implementation, x): return [implementation(x), 'f' in globals()]",
        "filename": "<probe>",
        "name": "probe_f",
    }
    assert values(call("def f(x): return -x", {"x": 3}, probe=probe)) == [[-3, False]]


def test_global_random_numbers_are_the_same_in_every_process_and_case() -> None:
    code = "import random\ndef f(): return random.random()\n"
    first, second = values(call(code, {}, {}))
    assert first == second == values(call(code, {}))[0]


def test_dataclasses_and_inspect_find_the_code() -> None:
    code = (
        "from __future__ import annotations\n"
        "import dataclasses, inspect\n"
        "@dataclasses.dataclass\n"
        "class P:\n"
        "    x: int\n"
        "def f(): return inspect.getsource(P).splitlines()[1], P(1).x\n"
    )
    assert values(call(code, {})) == [("class P:", 1)]


def test_an_exception_tells_its_type_frames_and_case() -> None:
    code = "def f(x):\n    return g(x)\ndef g(x):\n    return 1 / x\n"
    kind, error, _out = call(code, {"x": 1}, {"x": 0}, {"x": 2})
    assert kind == "error"
    assert (error["type"], error["message"], error["case"]) == ("ZeroDivisionError", "division by zero", 1)
    own = [(frame["line"], frame["name"]) for frame in error["frames"] if frame["file"] == "<answer>"]
    assert own == [(2, "f"), (4, "g")]


def test_a_missing_function_is_its_own_error() -> None:
    for code in ("", "f = 3"):
        kind, error, _out = call(code, {})
        assert (kind, error["type"], error["message"]) == ("error", "MissingError", "f")


def test_what_cannot_be_compared_is_an_error_with_its_case() -> None:
    _kind, error, _out = call("def f(x): return x or f", {"x": 1}, {"x": 0})
    assert error["type"] == "NotPlainError"
    assert error["message"] == "a function cannot be compared; return plain data"
    assert error["case"] == 1


@pytest.mark.parametrize(
    "body",
    [
        "def __str__(self): raise self",
        "def __str__(self): return 3",
        "__slots__ = ()\n    def __getattribute__(self, name): raise self",
    ],
)
def test_an_exception_that_cannot_be_told_is_told_all_the_same(body: str) -> None:
    kind, error, _out = call(f"class E(Exception):\n    {body}\ndef f(): raise E('x')\n", {})
    assert kind == "error"
    assert error["type"] in ("E", "TypeError")


def test_a_long_message_and_deep_recursion_are_cut() -> None:
    _kind, error, _out = call("def f(): raise ValueError('x' * 10**6)", {})
    assert len(error["message"]) == 4000
    _kind, error, _out = call("def f(): return f()", {})
    assert error["type"] == "RecursionError"
    assert len(error["frames"]) == 40


def test_a_script_is_main_and_may_import_snippets() -> None:
    code = "import lists\nfrom lists import span\nprint(__name__, span([2, 1]), lists.__file__)\n"
    kind, value, out = child(task="script", source=code, filename="<program>", modules={"lists": LISTS})
    assert (kind, value, out) == ("value", None, "__main__ Span(low=1, high=2) lists.py\n")


@pytest.mark.parametrize(("code", "kind"), [("exit()", "value"), ("exit(0)", "value"), ("exit(1)", "error")])
def test_a_script_may_end_itself_without_a_fault(code: str, kind: str) -> None:
    assert child(task="script", source=f"import sys\nsys.{code}\n", filename="<program>")[0] == kind


def test_claim_and_main_get_the_arguments_they_take() -> None:
    snippet = (
        "def claim(seed=0, device='cpu'): return {'seed': seed, 'device': device}\n"
        "def main(): print('shown')\n"
        "def picture(seed=0): return {'line': [seed]}\n"
    )
    given = {"module": snippet, "filename": "x.py", "seed": 3, "device": "cuda"}
    assert child(task="claim", **given)[1] == {"seed": 3, "device": "cuda"}
    assert child(task="main", **given) == ("value", None, "shown\n")
    assert child(task="picture", **given)[1] == {"line": [3]}


def test_tensors_arrive_as_torchs_own_and_leave_as_data() -> None:
    torch = pytest.importorskip("torch")
    code = "import torch\ndef f(x): return x.mul_(2), torch.is_grad_enabled(), torch.rand(1)\n"
    case = {"x": torch.arange(3)}
    (first, _grad, drawn), (second, _again, same) = values(call(code, case, case))
    assert first.data == second.data
    assert first.shape == (3,)
    assert drawn == same
