"""The functions of an article as a module that stands alone."""

from studykit.authoring.article import parse_markdown
from studykit.authoring.candidates import Execute
from studykit.authoring.draft import draft
from studykit.authoring.outline import Outline
from studykit.authoring.snippet import snippet


def module_of(*fences: str) -> str | None:
    text = "# Averages\n\n" + "\n\n".join(f"```python\n{fence}\n```" for fence in fences)
    return snippet(Outline(parse_markdown(text, "averages.md")))


def test_functions_come_with_the_imports_they_use_and_inputs_drafted_for_the_author() -> None:
    assert module_of(
        "import math\nimport os\n\ndef root(n: int) -> float:\n    return math.sqrt(n)\n\nprint(root(4))"
    ) == (
        '"""Averages.\n\nSource: averages.md\n"""\n\n\n'
        "import random\nimport math\n\n\n"
        "def root(n: int) -> float:\n    return math.sqrt(n)\n\n\n"
        "def sample_root(seed: int) -> dict[str, object]:\n"
        "    # Drafted from the signature. For the author: do sizes and corner cases vary enough?\n"
        "    rng = random.Random(seed)\n"
        '    return {\n        "n": rng.randint(1, 12),\n    }\n'
    )


def test_nothing_is_left_that_happens_on_import() -> None:
    module = module_of(
        "def half(x: float):\n    return x / 2\n\nfor i in range(3):\n    print(half(i))\nopen('x', 'w')"
    )
    assert module is not None
    assert "print" not in module
    assert "open" not in module


def test_a_later_version_of_a_function_wins_and_constants_come_along() -> None:
    module = module_of("BASE = 10\n\ndef f(n):\n    return n", "def f(n):\n    return n * BASE")
    assert module is not None
    assert "BASE = 10" in module
    assert module.count("def f(") == 1
    assert "n * BASE" in module


def test_a_function_that_needs_what_is_nowhere_is_left_out() -> None:
    assert module_of("def f(n):\n    return elsewhere(n)") is None


def test_code_without_functions_gives_no_module() -> None:
    assert module_of("print(1)") is None


def test_what_the_signature_does_not_say_is_not_drafted() -> None:
    for source in ("def f(model):\n    return model", "def f(*n):\n    return n", "def f(n):\n    print(n)"):
        module = module_of(source)
        assert module is not None
        assert "sample_" not in module


def test_a_function_that_runs_on_its_drafted_inputs_becomes_a_task(execute: Execute) -> None:
    text = '# A\n\n```python\ndef twice(n: int) -> int:\n    """Return n doubled."""\n    return 2 * n\n```\n'
    made = draft(parse_markdown(text, "a.md"), execute)
    (card,) = made.cards
    assert (card.kind, card.fields) == (
        "implement",
        {"front": "Write the function `twice(n: int)`. Return n doubled.", "function": "twice"},
    )
    assert "lines 3-7: look at the drafted `sample_twice`, and list wrong answers" in made.notes


def test_a_function_that_fails_on_its_drafted_inputs_becomes_none(execute: Execute) -> None:
    text = "# A\n\n```python\ndef pick(n: int) -> int:\n    return [1][n]\n```\n"
    made = draft(parse_markdown(text, "a.md"), execute)
    assert made.cards == ()
    assert {reason.value for reason in made.reasons()} == {"code does not run"}
