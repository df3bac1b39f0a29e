"""A drafted card beside its article, in words: what it is, what became of it, what else might be said."""

from collections.abc import Iterator, Sequence

from textual.content import Content

from studykit.authoring.candidates import Mismatch, Reason
from studykit.authoring.choosing import Choices, Offer, card_of
from studykit.library.cards import Card, Choice, Cloze
from studykit.tui import faces, preview
from studykit.tui.text.blocks import Block, Flow, Rule
from studykit.tui.text.clean import clean, clean_line
from studykit.tui.text.markdown import blocks_of, code_block
from studykit.tui.text.palette import CAUTION, HEADING, KEY, MUTED, RIGHT

_WHY = {
    Reason.EMPTY: "nothing is asked, or nothing answered",
    Reason.WEAK: "the signs that this is worth a card are few",
    Reason.PRONOUN: "it begins with a word like “it” or “this”, which says nothing on a card",
    Reason.ELSEWHERE: "it points to a figure, a table, or to what stands above or below",
    Reason.GIVEN_AWAY: "the question says the answer",
    Reason.SHORT: "the answer is a sign or two",
    Reason.LONG: "the answer is a chapter: more than 300 characters",
    Reason.INVENTED: "words of the answer do not stand in those lines",
    Reason.MARKUP: "its markup is broken",
    Reason.DUPLICATE: "another card asks the same",
    Reason.OVERLAP: "another card asks the same words, and better",
    Reason.DIFFERS: "running the code gives something else than the article says",
    Reason.FAILED: "its code does not run",
    Reason.NOT_RUN: "its code was not run here",
    Reason.CROWDED: "others are better, and more than one card in six lines is a burden",
}
_OTHERWISE = {
    "deleted before": "you deleted it: k brings it back, with everybody's history",
    "asked already": "a card of yours asks it",
    "invalid": "the deck would not be valid with it",
}
_WHATS = {
    "new": "new",
    "updated": "updated by the article",
    "revised": "the answer has changed: learners see it again",
    "proposed": "you edited it, and the article changed too",
    "retired": "the article has it no more: retired",
    "revived": "in the article again",
    "kept": "kept as it is",
    "review": "",
    "moved": "moved",
    "same": "as it was",
}


def head(offer: Offer, choices: Choices) -> list[Block]:
    """Return what a card is, and what was decided about it."""
    candidate, card = offer.candidate, offer.card
    kind = card.kind if card else candidate.kind if candidate else ""
    rule = candidate.rule if candidate else offer.entry.rule if offer.entry else ""
    where = [rule, _lines(offer.lines), candidate.section or "" if candidate else ""]
    title = Content.assemble(
        (clean_line(offer.id), HEADING),
        f"  {kind}",
        (f"  {clean_line(' · '.join(filter(None, where)))}", MUTED),
    )
    return [Flow(title), *(Flow(line, gap=False) for line in _standing(offer, choices))]


def _lines(lines: tuple[int, int] | None) -> str:
    if lines is None:
        return ""
    return f"line {lines[0]}" if lines[0] == lines[1] else f"lines {lines[0]}–{lines[1]}"


def _standing(offer: Offer, choices: Choices) -> Iterator[Content]:
    decided = _decision(offer, choices)
    if decided is not None:
        yield decided
    if offer.reason:
        why = _WHY.get(Reason(offer.reason), "") if offer.reason in set(Reason) else _OTHERWISE[offer.reason]
        yield Content.assemble(("left out: ", CAUTION), f"{offer.reason} ", (f"({why})", MUTED))
        return
    for change in offer.changes:
        told = _WHATS.get(change.what, change.what)
        if change.what in ("updated", "proposed", "moved", "kept") and change.detail:
            told = f"{told}: {change.detail}"
        if told:
            style = CAUTION if change.what in ("proposed", "retired", "revised") else MUTED
            yield Content.styled(clean_line(told), style)
    if offer.likeness is not None:
        yield Content.styled(f"is it still the same card? {offer.likeness:.2f} alike", CAUTION)
    if offer.id in choices.apart and offer.before is not None:
        yield Content.styled("you set it apart from what the article has now", CAUTION)


def _decision(offer: Offer, choices: Choices) -> Content | None:
    if offer.key in choices.dropped:
        return Content.styled("✗ dropped", CAUTION)
    if offer.key in choices.edited and offer.card is not None:
        return Content.styled("✎ edited", RIGHT)
    if offer.key in choices.rescued:
        return Content.styled("✓ rescued", RIGHT)
    if offer.key in choices.kept:
        retired = offer.merged is not None and offer.merged.retired
        return Content.styled("✓ stays in use" if retired else "✓ kept", RIGHT)
    return None


def body(offer: Offer, language: str, mismatches: Sequence[Mismatch] = ()) -> list[Block]:
    """Return the card as the learner will see it, and what else might be said there."""
    languages = (language,)
    card = offer.card or (card_of(offer.candidate) if offer.candidate else None)
    if card is None:
        return [Rule(gap=False), *_raw(offer)]
    tried = offer.reason not in (Reason.DIFFERS, Reason.FAILED, Reason.NOT_RUN)
    answer = offer.candidate.answer if offer.candidate and (tried or card.kind == "implement") else None
    return [
        *_pair(offer),
        Rule(gap=False),
        *_faces(card, languages, answer),
        *_proposed(card, languages),
        *_before(offer, languages),
        *_gone(offer),
        *_outputs(offer, mismatches),
    ]


def _faces(card: Card, languages: faces.Languages, solution: str | None) -> Iterator[Block]:
    if isinstance(card, Choice):
        yield from preview.body(card, languages)
        return
    yield from faces.question(card, languages)
    answer: list[Block] = []
    if isinstance(card, Cloze):
        answer += faces.question(card, languages, shown=True)
    answer += faces.answer(card, languages, solution)
    if card.hint:
        yield from (_title("hint"), *faces.hint(card, languages))
    if answer:
        yield Rule()
        yield from answer


def _raw(offer: Offer) -> Iterator[Block]:
    if offer.candidate is not None:
        for text in (offer.candidate.front, offer.candidate.back):
            yield Flow(Content(clean(text)))


def _title(text: str, keys: str = "") -> Block:
    return Flow(Content.assemble((text, f"bold {MUTED}"), (keys, MUTED)))


def _pair(offer: Offer) -> Iterator[Block]:
    if offer.likeness is None or offer.entry is None or offer.candidate is None:
        return
    keys = (("k", KEY), " it is: it follows the article   ", ("s", KEY), " another one: the old card retires")
    yield Flow(Content.assemble(*keys), gap=False)
    for name, text in (("was", offer.entry.quote), ("now", " ".join(offer.candidate.quote.split()))):
        yield Flow(Content(clean(text)), Content.styled(f"{name}  ", MUTED), Content(" " * 5), gap=False)


def _proposed(card: Card, languages: faces.Languages) -> Iterator[Block]:
    if card.proposed:
        yield Rule()
        yield Flow(
            Content.assemble(
                "The article's words:   ", ("t", KEY), " take them   ", ("k", KEY), " keep yours"
            )
        )
    for name, text in card.proposed.items():
        yield from (_title(name), *_said(name, text, languages))


def _before(offer: Offer, languages: faces.Languages) -> Iterator[Block]:
    """Yield the fields that are to change, as they are."""
    if offer.before is None or offer.card is None:
        return
    names = [
        name
        for name in ("front", "text", "code", "back", "function")
        if getattr(offer.before, name, None) != getattr(offer.card, name, None)
    ]
    if names:
        yield Rule()
    for name in names:
        yield from (_title(f"{name} before"), *_said(name, getattr(offer.before, name, None), languages))


def _said(name: str, value: object, languages: faces.Languages) -> Sequence[Block]:
    match value:
        case dict():
            return blocks_of(next((value[one] for one in languages if one in value), ""))
        case str() if name in ("code", "function"):
            return [code_block(value, gap=False)]
        case str():
            return blocks_of(value)
        case tuple() | list():
            return [
                Flow(Content(clean_line(str(part))), Content("· "), Content("  "), gap=False)
                for part in value
            ]
    return [Flow(Content.styled("nothing", MUTED), gap=False)]


def _gone(offer: Offer) -> Iterator[Block]:
    if offer.card is None or offer.entry is None or not offer.card.retired:
        return
    yield Rule()
    yield Flow(
        Content.assemble(
            ("k", KEY), " keep it in use   ", ("d", KEY), " delete it   ", ("n", KEY), " let it rest"
        )
    )
    yield Flow(Content(clean(offer.entry.quote)), Content.styled("was  ", MUTED), Content(" " * 5), gap=False)


def _outputs(offer: Offer, mismatches: Sequence[Mismatch]) -> Iterator[Block]:
    """Yield what code is said to print where nobody knows that it does, and what it printed."""
    candidate = offer.candidate
    if candidate is None or candidate.kind != "predict" or not offer.reason:
        return
    if offer.reason in (Reason.DIFFERS, Reason.FAILED, Reason.NOT_RUN):
        yield from (_title("the article says"), code_block(candidate.answer, "", gap=False))
    for one in mismatches:
        if one.lines == candidate.lines:
            yield from (_title("running it gives"), code_block(one.got, "", gap=False))
