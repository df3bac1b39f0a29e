"""Identity over edits: real articles are edited in known ways, so it is known which card is which afterwards.

`python tests/authoring/merging/test_edits.py` prints the table of what was lost and what was carried away.
"""

import random
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from studykit.authoring.article import parse_markdown
from studykit.authoring.candidates import Candidate
from studykit.authoring.draft import Draft, draft
from studykit.authoring.merge import Existing, merge

ROOT = Path(__file__).parents[3]
ARTICLES = sorted(ROOT.glob("tests/fixtures/authoring/articles/*/*.md")) + sorted(ROOT.glob("decks/*/*.md"))

SAME_WORDS = 0.4
"""What gives other words by far is another card, say one item in place of the whole list."""

Block = tuple[int, list[str]]
"""A run of lines without a blank one, or a fence, with the number of its first line; 0: a new one."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A way to edit an article: blocks to blocks, those that stay with their numbers."""

    name: str
    change: Callable[[list[Block], random.Random], list[Block]]
    lost: float = 0.0
    """The share of cards that may be lost."""
    carried: int = 0
    """How many cards may be carried to another place, over all articles."""


def blocks_of(text: str) -> list[Block]:
    blocks: list[Block] = []
    fence, here = "", []
    start = 1
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        mark = re.match(r"\s*(```+|~~~+|\$\$)", line)
        if mark and (not fence or line.strip().startswith(fence)):
            fence = "" if fence or line.strip().count("$$") == 2 else mark.group(1)
        if line.strip() or fence:
            start = start if here else number
            here.append(line)
        elif here:
            blocks.append((start, here))
            here = []
    return blocks


def is_prose(block: Block) -> bool:
    return not re.match(r"\s*(#|```|~~~|\$\$|\||<|---|:::)", block[1][0]) and len(" ".join(block[1])) > 60


def sections_of(blocks: Sequence[Block]) -> list[list[Block]]:
    sections: list[list[Block]] = [[]]
    for block in blocks:
        if re.match(r"##? ", block[1][0]) and sections[-1]:
            sections.append([])
        sections[-1].append(block)
    return sections


def in_prose(
    change: Callable[[str, random.Random], str], share: float = 1.0
) -> Callable[[list[Block], random.Random], list[Block]]:
    def edited(blocks: list[Block], chance: random.Random) -> list[Block]:
        return [
            (number, [change(line, chance) for line in lines])
            if is_prose((number, lines)) and chance.random() < share
            else (number, lines)
            for number, lines in blocks
        ]

    return edited


def outside_maths(line: str, change: Callable[[str], str]) -> str:
    parts = re.split(r"(\$[^$]*\$|`[^`]*`|\*\*[^*]*\*\*|\]\([^)]*\))", line)
    return "".join(part if number % 2 else change(part) for number, part in enumerate(parts))


def typo(line: str, chance: random.Random) -> str:
    words = list(re.finditer(r"[a-z]{6,}|[\u4e00-\u9fff]{6,}", line))
    if not words:
        return line
    word = chance.choice(words)
    at = word.start() + 2
    return line[:at] + line[at + 1] + line[at] + line[at + 2 :]


def reworded(line: str, chance: random.Random) -> str:
    def one(text: str) -> str:
        text = re.sub(r"\b[a-z]{4,}\b", lambda w: "such" if chance.random() < 0.15 else w.group(), text)
        return re.sub(r"[\u4e00-\u9fff]", lambda w: "某" if chance.random() < 0.12 else w.group(), text)

    return outside_maths(line, one)


def renumbered(line: str, _chance: random.Random) -> str:
    return outside_maths(line, lambda text: re.sub(r"\d+", lambda n: str(int(n.group()) + 1), text))


def shuffled(blocks: list[Block], chance: random.Random) -> list[Block]:
    head, *sections = sections_of(blocks)
    chance.shuffle(sections)
    return [block for section in (head, *sections) for block in section]


def renamed(blocks: list[Block], _chance: random.Random) -> list[Block]:
    return [
        (number, [re.sub(r"^(#{2,6}) (.*)$", r"\1 More on \2", lines[0]), *lines[1:]])
        for number, lines in blocks
    ]


def split(blocks: list[Block], _chance: random.Random) -> list[Block]:
    done: list[Block] = []
    for number, lines in blocks:
        cut = next(
            (at for at, line in enumerate(lines[:-1], 1) if re.search(r"[.。！!]$", line.strip())), None
        )
        if cut is None or not is_prose((number, lines)) or re.match(r"\s*([-*>\d])", lines[0]):
            done.append((number, lines))
        else:
            done += [(number, lines[:cut]), (number + cut, lines[cut:])]
    return done


def joined(blocks: list[Block], _chance: random.Random) -> list[Block]:
    """Each paragraph on one line, as some editors save it."""
    return [
        (number, [" ".join(line.strip() for line in lines)])
        if is_prose((number, lines)) and not re.match(r"\s*([-*>+]|\d+[.)])", lines[0])
        else (number, lines)
        for number, lines in blocks
    ]


def with_additions(blocks: list[Block], _chance: random.Random) -> list[Block]:
    new = (
        0,
        ["A word of thanks goes to everybody who has read this article before it was ready to be read."],
    )
    return [
        one for number, block in enumerate(blocks) for one in ((block, new) if number % 5 == 1 else (block,))
    ]


def with_deletions(blocks: list[Block], _chance: random.Random) -> list[Block]:
    return [block for number, block in enumerate(blocks) if number % 4 != 2 or not is_prose(block)]


def both(*changes: Callable[[list[Block], random.Random], list[Block]]) -> Callable[..., list[Block]]:
    def edited(blocks: list[Block], chance: random.Random) -> list[Block]:
        for change in changes:
            blocks = change(blocks, chance)
        return blocks

    return edited


EDITS = (
    Edit("typo fixed in each paragraph", in_prose(typo)),
    Edit("sections shuffled", shuffled),
    Edit("headings renamed", renamed),
    Edit("paragraphs split", split),
    Edit("lines joined", joined),
    Edit("numbers changed", in_prose(renumbered)),
    Edit("paragraphs added", with_additions, lost=0.02),  # also between a list and what leads in to it
    Edit("paragraphs deleted", with_deletions, carried=1),
    Edit("half the paragraphs reworded", in_prose(reworded, 0.5)),
    Edit("shuffled, renamed, typos", both(in_prose(typo), renamed, shuffled)),
    Edit(
        "all of it",
        both(with_deletions, in_prose(reworded, 0.5), split, renamed, shuffled, with_additions),
        lost=0.05,
        carried=2,
    ),
)


def written(blocks: Sequence[Block]) -> tuple[str, dict[int, int]]:
    """Return the text, and the old line of each of its lines that has one."""
    lines: list[str] = []
    old: dict[int, int] = {}
    for number, block in blocks:
        same = number > 0
        for at, line in enumerate(block):
            lines.append(line)
            if same:
                old[len(lines)] = number + at
        lines.append("")
    return "\n".join(lines) + "\n", old


@dataclass(slots=True)
class Tally:
    cards: int = 0
    """Old cards whose words still give a card."""
    lost: int = 0
    carried: int = 0
    doubtful: int = 0
    """Listed for review."""
    told: list[str] = field(default_factory=list)


def pairs(old: Draft, new: Draft, lines: dict[int, int]) -> Iterator[tuple[int, int]]:
    """Yield which old card is which new one: found by the same rule, and mostly on the same lines."""
    found = []
    for number, card in enumerate(new.cards):
        stands = _old_lines(card, lines)
        for at, one in enumerate(old.cards):
            if (one.kind, one.rule) == (card.kind, card.rule) and _overlap(one, stands):
                alike = SequenceMatcher(None, one.quote, card.quote, autojunk=False).ratio()
                if alike > SAME_WORDS:
                    found.append((one.key != card.key, -alike, at, number))
    left = {at for *_, at, _ in found}, {number for *_, number in found}
    for *_, at, number in sorted(found):
        if at in left[0] and number in left[1]:
            left[0].discard(at)
            left[1].discard(number)
            yield at, number


def _old_lines(card: Candidate, lines: dict[int, int]) -> set[int]:
    return {lines[line] for line in range(card.lines[0], card.lines[1] + 1) if line in lines}


def _overlap(card: Candidate, lines: set[int]) -> bool:
    mine = set(range(card.lines[0], card.lines[1] + 1))
    return bool(lines) and len(mine & lines) * 2 >= min(len(mine), len(lines))


def measure(edit: Edit, path: Path, tally: Tally) -> None:
    text = path.read_text(encoding="utf8")
    chance = random.Random(f"{edit.name} {path.name}")
    blocks = blocks_of(text)
    before = "\n\n".join("\n".join(lines) for _, lines in blocks) + "\n"
    blocks = blocks_of(before)
    after, lines = written(edit.change(blocks, chance))
    old, new = draft(parse_markdown(before, "a.md"), None), draft(parse_markdown(after, "a.md"), None)
    if not old.cards:
        return
    first = merge(old, None, article="a.md")
    source = after.splitlines()
    second = merge(new, Existing(first.text, first.deck), article="a.md", source=source)
    ids = dict(zip(range(len(old.cards)), first.ids, strict=True))
    truth = dict(pairs(old, new, lines))
    known = set(first.ids)
    tally.cards += len(truth)
    tally.doubtful += sum(change.what == "review" for change in second.changes)
    partner = {number: at for at, number in truth.items()}
    for number, name in enumerate(second.ids):
        mine = ids[partner[number]] if number in partner else None
        if mine is not None and name != mine:
            tally.lost += 1
            tally.told.append(
                f"lost {path.name}: {old.cards[partner[number]].quote!r} -> {new.cards[number].quote!r}"
            )
        if name in known and name != mine:
            was = next(one for one, it in zip(old.cards, first.ids, strict=True) if it == name)
            same_words = was.quote.split() == new.cards[number].quote.split()
            if not same_words and not _overlap(was, _old_lines(new.cards[number], lines)):
                tally.carried += 1
                tally.told.append(f"carried {path.name}: {was.quote!r} -> {new.cards[number].quote!r}")


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name.replace(" ", "_"))
def test_few_cards_are_lost_and_none_is_carried_to_another(edit: Edit) -> None:
    tally = Tally()
    for path in ARTICLES[:8]:
        measure(edit, path, tally)
    assert tally.cards > 30
    assert tally.lost <= edit.lost * tally.cards, "\n".join(tally.told)
    assert tally.carried <= edit.carried, "\n".join(tally.told)


if __name__ == "__main__":
    print(f"{'edit':34} {'cards':>6} {'lost':>5} {'carried':>7} {'to review':>9}")
    for edit in EDITS:
        tally = Tally()
        for path in ARTICLES:
            measure(edit, path, tally)
        print(f"{edit.name:34} {tally.cards:6} {tally.lost:5} {tally.carried:7} {tally.doubtful:9}")
        if "-v" in sys.argv:
            print("\n".join(f"    {line}" for line in tally.told))
