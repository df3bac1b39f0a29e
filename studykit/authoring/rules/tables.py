"""Tables that compare: one question per row, with every column's answer on the back."""

import re
from collections.abc import Iterator

from studykit.authoring.blocks import Mark, Spans, Table, plain
from studykit.authoring.candidates import Candidate
from studykit.authoring.markdown import markdown_of
from studykit.authoring.outline import Outline, Place, lead_of
from studykit.authoring.phrases import escaped, joined, situated
from studykit.authoring.prose import is_chinese, squeezed

NAME = "tables"

MOST_ROWS = 8

_NUMBER = re.compile(
    r"^[\s≈~<>±+\-−–$¥]*[\d.,]+(?:\s?[×x^/]\s?\d+)*\s*(?:%|[KMGTBkmgtb]i?[Bb]?|ms|s|x|倍|个|"
    r"层)?(?:\s*[±(].*)?$|^[\s—–\-/✓✗√×]*$"
)


def rule(outline: Outline) -> Iterator[Candidate]:
    """Yield a question for each row of each table of words."""
    for place in outline.places:
        if isinstance(place.block, Table) and _is_of_words(place.block):
            yield from _rows(place, place.block, outline)


def _rows(place: Place, block: Table, outline: Outline) -> Iterator[Candidate]:
    columns = [markdown_of(cell).strip() for cell in block.header]
    for row, line in zip(block.rows, block.row_lines, strict=True):
        label = markdown_of(row[0]).strip()
        cells = [markdown_of(cell).strip() for cell in row[1:]]
        if not label or not any(cells):
            continue
        yield Candidate(
            rule=NAME,
            kind="basic",
            fields={
                "front": _front(label, plain(row[0]).strip(), columns, place, outline),
                "back": cells[0]
                if len(cells) == 1
                else "\n".join(
                    f"- {column}: {cell or '—'}" for column, cell in zip(columns[1:], cells, strict=True)
                ),
            },
            lines=(line, line),
            section=block.section.title if block.section else None,
            quote=" ".join(plain(cell).strip() for cell in row),
            key=squeezed(plain(row[0])),
            name=plain(row[0]).strip(),
            answer=" ".join(plain(cell) for cell in row[1:]),
            score=_score(place, block, [plain(cell) for cell in row[1:]]),
        )


def _front(label: str, plain_label: str, columns: list[str], place: Place, outline: Outline) -> str:
    chinese = is_chinese(" ".join([label, *columns])) or outline.language == "zh"
    asked = [column for column in columns[1:] if column]
    aspect = columns[0]
    # A bare number or letter needs to be told what it numbers.
    head = joined(aspect, f" {label}") if aspect and re.fullmatch(r"\W*\d+\W*|\w", plain_label) else label
    mark = "？" if chinese else "?"
    front = f"{head}{'：' if chinese else ': '}" + " ".join(
        f"{re.sub('[?？]$', '', column)}{mark}" for column in asked
    )
    lead = lead_of(place)
    if outline.topic(place.block.section) == outline.article.title and lead and len(lead[-1].text) <= 80:
        return f"{escaped(lead[-1].text)}\n\n{front}"
    return situated(front, place.block.section, outline)


def _score(place: Place, block: Table, cells: list[str]) -> float:
    return (
        2.1 - _thinness(cells) + (0.25 if len(block.header) >= 3 else 0.0) + (0.25 if lead_of(place) else 0.0)
    )


def _thinness(cells: list[str]) -> float:
    """How little a row says: yes and no are hardly worth a card."""
    size = sum(len(cell) if cell.isascii() else 2 * len(cell) for cell in cells) / len(cells)
    return 1.5 if size <= 4 else 0.5 if size <= 8 else 0.0


def _is_of_words(block: Table) -> bool:
    cells = [plain(cell).strip() for row in block.rows for cell in row[1:]]
    if len(block.header) < 2 or not cells or len(block.rows) > (MOST_ROWS if len(block.header) > 2 else 12):
        return False
    heads = [plain(cell).strip() for cell in block.header[1:]]
    if not all(heads) or sum(map(_is_number, cells)) * 2 > len(cells):
        return False
    return not _is_of_links(block) and max(map(len, cells)) <= 160


def _is_number(text: str) -> bool:
    return bool(_NUMBER.match(text))


def _is_of_links(block: Table) -> bool:
    def linked(cell: Spans) -> bool:
        return any(span.has(Mark.LINK) for span in cell)

    return sum(linked(cell) for row in block.rows for cell in row) * 2 > sum(len(row) for row in block.rows)
