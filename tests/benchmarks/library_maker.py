"""Makes large libraries for benchmarks: decks of plain cards, in tracks of a hundred decks."""

from pathlib import Path

CARD = """\
  - id: card_{number}
    kind: basic
    front: What is {number} plus one, and why does the sum of `{number}` and $1$ follow it?
    back: |
      It is {after}: the successor of {number}, by the definition of addition.
    tags: [arithmetic, "fact:{number}"]
    source: {{lines: [{number}, {after}]}}
"""


def make_library(folder: Path, decks: int, cards: int) -> Path:
    """Write `decks` decks of `cards` cards each below `folder` and return it, as a library root."""
    (folder / "snippets").mkdir(parents=True, exist_ok=True)
    for deck in range(decks):
        path = folder / "decks" / f"track_{deck // 100}" / f"deck_{deck}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        body = "".join(CARD.format(number=number, after=number + 1) for number in range(1, cards + 1))
        path.write_text(f"title: Deck {deck}\ncards:\n{body}", encoding="utf8")
    return folder
