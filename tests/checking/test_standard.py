"""A library that sets a standard is held to it; each rule finds what it is for and nothing else."""

import textwrap
from pathlib import Path

import pytest

from studykit.checking.check import read
from studykit.library.standard import Standard, parse_standard

CARDS = """\
  - {id: one, kind: basic, front: What is one?, back: It is the unit of counting., tags: ["fact:1"]}
  - {id: two, kind: typed, front: How many legs has a bird?, accept: ["2", two], tags: ["fact:2"]}
  - id: three
    kind: choice
    front: Which shape has three corners?
    right: [A triangle]
    wrong: [A rectangle, A circle]
    hint: Count the letters.
"""


def problems(tmp_path: Path, standard: str, cards: str = CARDS, article: str | None = None) -> list[str]:
    folder = tmp_path / "decks" / "shapes"
    folder.mkdir(parents=True)
    (tmp_path / "decks" / "_standard.yaml").write_text(textwrap.dedent(standard), encoding="utf8")
    head = "title: Plane shapes\n"
    if article is not None:
        (folder / "plane.md").write_text(article, encoding="utf8")
        head += "article: plane.md\n"
    (folder / "plane.yaml").write_text(f"{head}cards:\n{cards}", encoding="utf8")
    topics, found = read([str(tmp_path)])
    found += [problem for topic in topics for problem in topic.problems()]
    return [str(problem).replace(f"{tmp_path}/", "") for problem in found]


def test_a_library_without_a_standard_is_held_to_none(tmp_path: Path) -> None:
    assert problems(tmp_path, "# nothing yet") == []
    (tmp_path / "decks" / "_standard.yaml").unlink()
    topics, found = read([str(tmp_path)])
    assert not found
    assert [list(topic.problems()) for topic in topics] == [[]]


def test_a_deck_that_meets_it_has_no_problem(tmp_path: Path) -> None:
    standard = """\
        cards: [3, 5]
        kinds: 3
        at_least: {choice: 1, run_it: 0}
        needs: {choice: [hint]}
        code_width: 60
        option_ratio: 1.4
        longest_right: 0.5
        facts: {shapes/plane: 2}
        """
    assert problems(tmp_path, standard) == []


@pytest.mark.parametrize(
    ("standard", "place", "message"),
    [
        ("cards: [4, 9]", "2:1", "number-of-cards: 3 cards; a deck here has 4 to 9"),
        ("cards: [1, 2]", "2:1", "number-of-cards: 3 cards; a deck here has 1 to 2"),
        ("kinds: 4", "2:1", "few-kinds: 3 kinds of card; a deck here has at least 4"),
        (
            "at_least: {written: 1}",
            "2:1",
            "few-of-kind: 0 cards of kind implement or repair; a deck here has at least 1",
        ),
        ("needs: {choice: [back]}", "5:5", "needed-field: a card like this has `back` in this library"),
        (
            "facts: {shapes/plane: 3}",
            "2:1",
            "fact-not-asked: no card asks fact 3: tag the one that does `fact:3`",
        ),
        ("facts: {shapes/plane: 1}", "4:82", "no-such-fact: this deck has 1 facts, and no fact:2"),
        (
            "facts: {shapes/other: 1}",
            "1:1",
            "facts-unknown: say under `facts` of decks/_standard.yaml how many facts this deck must teach",
        ),
        (
            "article_words: [1, 9]",
            "1:1",
            "no-article: a deck here has an article: write it, and name it with `article:`",
        ),
    ],
)
def test_each_number_is_asked_for(tmp_path: Path, standard: str, place: str, message: str) -> None:
    assert problems(tmp_path, standard) == [f"decks/shapes/plane.yaml:{place}: {message}"]


@pytest.mark.parametrize(
    ("card", "rule", "message"),
    [
        (
            "{id: a, kind: choice, front: Which?, right: [Three-sided figures], wrong: [A disc, A cube]}",
            "option-length",
            "a right option has 19 characters, the longest wrong one 6: the length tells",
        ),
        (
            "{id: a, kind: typed, front: What does `gc.collect` call?, accept: [GC.Collect]}",
            "leaked-answer",
            "the answer stands in it: GC.Collect",
        ),
        (
            "{id: a, kind: typed, front: What frees it?, accept: [collector], hint: The collector does.}",
            "leaked-answer",
            "the answer stands in it: collector",
        ),
        (
            "{id: a, kind: cloze, text: 'A {{triangle}} is called a triangle.'}",
            "leaked-answer",
            "the answer stands in it: triangle",
        ),
        (
            "{id: a, kind: choice, front: Is it a rectangle?, right: [a rectangle], wrong: [a hyperbola]}",
            "leaked-answer",
            "the answer stands in it: a rectangle",
        ),
        (
            "{id: a, kind: predict, front: '?', code: 'print(1)  # a very long line of code indeed'}",
            "wide-code",
            "a line of 43 columns; at most 40 can be read here",
        ),
    ],
)
def test_what_gives_an_answer_away_is_found(tmp_path: Path, card: str, rule: str, message: str) -> None:
    found = problems(tmp_path, "{option_ratio: 1.4, code_width: 40}", f"  - {card}\n")
    assert [line.partition(": ")[2] for line in found] == [f"{rule}: {message}"]


@pytest.mark.parametrize(
    "card",
    [
        "{id: a, kind: typed, front: How many 2-cells has it?, accept: ['2']}",
        "{id: a, kind: typed, front: Which recollector?, accept: [collector]}",
        "{id: a, kind: cloze, text: 'A {{triangle}} has {{three::how many}} corners.'}",
        "{id: a, kind: choice, front: Is `copy` or `deepcopy` meant?, right: [copy], wrong: [deepcopy]}",
    ],
)
def test_what_only_looks_like_a_leak_is_none(tmp_path: Path, card: str) -> None:
    assert problems(tmp_path, "kinds: 1", f"  - {card}\n") == []


def test_too_many_longest_options_are_right(tmp_path: Path) -> None:
    cards = "".join(
        f"  - {{id: c{n}, kind: choice, front: Which of them?, right: [{right}], wrong: [beta, gamma]}}\n"
        for n, right in enumerate(("alphabet", "alphabet", "b"))
    )
    assert [line.partition(": ")[2] for line in problems(tmp_path, "longest_right: 0.5", cards)] == [
        "longest-is-right: in 2 of 3 choice cards the longest option is right: c0, c1"
    ]


def test_an_article_is_counted_without_code_and_formulas_in_words_and_characters(tmp_path: Path) -> None:
    article = "# Shapes\n\n三角形 has three corners.\n\n```python\nx = 1\n```\n\n$$a + b$$\n\nIt's flat.\n"
    found = problems(tmp_path, "article_words: [1, 9]", article=article)
    # Shapes, 三, 角, 形, has, three, corners, It, s, flat
    assert [line.split(": ", 1)[1] for line in found] == [
        "article-length: 10 words; an article here has 1 to 9"
    ]


def test_wide_code_of_an_article_is_named_by_its_line(tmp_path: Path) -> None:
    article = "# Shapes\n\n```python\nx = 1\nlong_name = 'quite a long text'\n```\n"
    found = problems(tmp_path, "code_width: 20", article=article)
    assert found == [
        "decks/shapes/plane.md:5:1: wide-code: a line of 31 columns; at most 20 can be read here"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cards: [1, 2, 3]", "s:1:1: standard: cards"),
        ("cardz: [1, 2]", "s:1:1: standard: cardz"),
        ("kinds: many", "s:1:1: standard: kinds"),
        ("at_least: {runit: 2}", "s:1:12: standard: there is no kind `runit` (did you mean `run_it`?)"),
        ("kinds: 1\nkinds: 2", "s:2:1: duplicate-key"),
        ("- 1", "s:1:1: standard"),
    ],
)
def test_an_unsound_standard_says_where(text: str, expected: str) -> None:
    standard, found = parse_standard(text, "s")
    assert standard is None
    assert [str(problem)[: len(expected)] for problem in found] == [expected]


def test_a_standard_may_ask_for_more_mutants_than_everyone_must(tmp_path: Path) -> None:
    for standard, share in (("kinds: 1", 0.9), ("mutants_rejected: 0.95", 0.95)):
        root = tmp_path / str(share)
        problems(root, standard)
        topics, _ = read([str(root)])
        assert [topic.place.least_rejected for topic in topics] == [share]


def test_the_shipped_library_has_one() -> None:
    path = Path(__file__).parent.parent.parent / "decks" / "_standard.yaml"
    standard, found = parse_standard(path.read_text("utf8"), "decks/_standard.yaml")
    assert not found
    assert isinstance(standard, Standard)
    assert (standard.cards, standard.kinds, standard.mutants_rejected) == ((14, 22), 6, 0.95)
