"""What holds for any history of an article and any edits of its deck."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

law = settings(deadline=None, max_examples=150)

ENGLISH = [
    "lock",
    "thread",
    "queue",
    "cache",
    "pointer",
    "kernel",
    "tensor",
    "stride",
    "buffer",
    "socket",
    "vector",
    "matrix",
    "graph",
    "layer",
    "page",
    "heap",
]
CHINESE = [
    "锁",
    "线程",
    "队列",
    "缓存",
    "指针",
    "内核",
    "张量",
    "步长",
    "缓冲",
    "套接字",
    "向量",
    "矩阵",
    "图",
    "层",
    "页",
    "堆",
]
WORDS = (
    "holds",
    "waits",
    "keeps",
    "moves",
    "until",
    "every",
    "other",
    "small",
    "fast",
    "value",
    "before",
    "inside",
    "12",
    "7",
)
HANZI = (
    "一种",
    "用来",
    "保存",
    "等待",
    "直到",
    "其他",
    "所有",
    "数据",
    "之前",
    "内部",
    "快速",
    "方法",
    "12",
    "7",
)


@dataclass(frozen=True)
class Fact:
    """A term and what the article says of it."""

    term: str
    words: tuple[str, ...]
    section: str = "One"

    @property
    def text(self) -> str:
        chinese = not self.term.isascii()
        return (
            f"**{self.term}**是{''.join(self.words)}。"
            if chinese
            else f"A {self.term} {' '.join(self.words)}."
        )


def facts(terms: Sequence[str], words: Sequence[str]) -> st.SearchStrategy[list[Fact]]:
    said = st.lists(st.sampled_from(words), min_size=6, max_size=14).map(tuple)
    one = st.builds(Fact, st.sampled_from(terms), said, st.sampled_from(["One", "Two", "Three"]))
    return st.lists(one, min_size=1, max_size=8, unique_by=lambda fact: fact.term)


articles = st.one_of(facts(ENGLISH, WORDS), facts(CHINESE, HANZI))


def draft_of(bench: Any, found: Sequence[Fact]) -> Any:
    cards = [
        bench.candidate(
            fact.term,
            fact.text,
            section=fact.section,
            lines=(3 * number + 1, 3 * number + 2),
            front=f"What is {fact.term}?",
            back=fact.text,
        )
        for number, fact in enumerate(found)
    ]
    return bench.drafted(*cards)


@law
@given(article=articles, order=st.randoms(use_true_random=False))
def test_shuffled_sections_keep_every_id(bench: Any, article: list[Fact], order: Any) -> None:
    first = bench.first(draft_of(bench, article))
    shuffled = [*article]
    order.shuffle(shuffled)
    second = bench.again(draft_of(bench, shuffled), first.text)
    before = dict(zip((fact.term for fact in article), first.ids, strict=True))
    assert dict(zip((fact.term for fact in shuffled), second.ids, strict=True)) == before
    assert [card.id for card in second.deck.cards] == [card.id for card in first.deck.cards]
    assert all(card.revision == 1 and not card.retired for card in second.deck.cards)


@law
@given(article=articles)
def test_the_same_article_gives_the_same_bytes(bench: Any, article: list[Fact]) -> None:
    first = bench.first(draft_of(bench, article))
    assert bench.first(draft_of(bench, article)).text == first.text
    assert bench.again(draft_of(bench, article), first.text).text == first.text


@law
@given(article=articles)
def test_new_sections_for_all_keep_every_id(bench: Any, article: list[Fact]) -> None:
    first = bench.first(draft_of(bench, article))
    moved = [Fact(fact.term, fact.words, "Another") for fact in article]
    assert bench.again(draft_of(bench, moved), first.text).ids == first.ids


@dataclass
class History:
    """An article, its deck, and what people did to both."""

    bench: Any
    article: list[Fact]
    text: str = ""
    marks: dict[str, str] = field(default_factory=dict)
    """By card: a word that somebody wrote into it."""
    deleted: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    own: str = ""

    def author(self) -> None:
        draft = draft_of(self.bench, self.article)
        merged = self.bench.again(draft, self.text) if self.text else self.bench.first(draft)
        self.text = merged.text
        present = {card.id for card in merged.deck.cards}
        assert self.ids - self.deleted <= present
        assert not self.deleted & present
        self.ids |= present
        for name, mark in self.marks.items():
            assert name in self.deleted or mark in self.bench.card(merged, name).back
        assert self.own in self.text
        live = [name for name in merged.ids if name is not None]
        assert len(set(live)) == len(live)
        assert not any(self.bench.card(merged, name).retired for name in live)

    def deck(self) -> list[str]:
        return re.findall(r"^  - id: (\w+)$", self.text, re.MULTILINE)

    def edit(self, number: int) -> None:
        """Write a word into a card."""
        names = [name for name in self.deck() if name != "own"]
        if not names:
            return
        name = names[number % len(names)]
        mark = self.marks.setdefault(name, f"Mark{number}.")
        at = self.text.index(f"  - id: {name}\n")
        back = self.text.index("    back: ", at)
        if mark not in self.text[back : back + 400].split("    source")[0]:
            if self.text.startswith("    back: |", back):
                back = self.text.index("\n", back) + 1 + 6
                self.text = f"{self.text[:back]}{mark} {self.text[back:]}"
            else:
                start = back + len("    back: ")
                quote = self.text[start] if self.text[start] in "\"'" else ""
                start += len(quote)
                self.text = f"{self.text[:start]}{mark} {self.text[start:]}"

    def delete(self, number: int) -> None:
        """Take a card out."""
        names = self.deck()
        if len(names) < 2:
            return
        name = names[number % len(names)]
        if name == "own":
            return
        at = self.text.index(f"  - id: {name}\n")
        end = re.compile(r"^  - id: |^\n# Kept by", re.MULTILINE).search(self.text, at + 4)
        assert end is not None
        self.text = self.text[:at] + self.text[end.start() :]
        self.deleted.add(name)

    def add_own(self, _number: int) -> None:
        """Write a card of one's own."""
        if not self.own:
            self.own = (
                "  - id: own\n    # mine\n    kind: typed\n    front:   What?\n    accept: [ this ]\n\n"
            )
            self.text = self.text.replace("cards:\n", f"cards:\n{self.own}", 1)

    def drop_fact(self, number: int) -> None:
        if len(self.article) > 1:
            del self.article[number % len(self.article)]

    def reword(self, number: int) -> None:
        at = number % len(self.article)
        fact = self.article[at]
        words = [*fact.words]
        words[number % len(words)] = "99"
        self.article[at] = Fact(fact.term, tuple(words), fact.section)

    def move(self, number: int) -> None:
        self.article.insert(0, self.article.pop(number % len(self.article)))

    def bring(self, fact: Fact) -> None:
        if fact.term not in {one.term for one in self.article}:
            self.article.append(fact)


steps = st.lists(
    st.tuples(
        st.sampled_from(["author", "edit", "delete", "add_own", "drop_fact", "reword", "move", "bring"]),
        st.integers(0, 40),
    ),
    max_size=25,
)


@law
@given(article=articles, more=facts(ENGLISH, WORDS), history=steps)
def test_no_edit_is_ever_lost_and_no_deleted_card_comes_back(
    bench: Any, article: list[Fact], more: list[Fact], history: list[tuple[str, int]]
) -> None:
    it = History(bench, [*article])
    it.author()
    for step, number in history:
        match step:
            case "author":
                it.author()
            case "bring":
                it.bring(more[number % len(more)])
            case _:
                getattr(it, step)(number)
    it.author()
