"""Is a deck up to its library's standard? Each rule is a function that yields (card, field, rule, message).

The card is None where the deck as a whole is meant.

What only a reader can judge (is it true, is it one idea, is a distractor a real misconception) is not here.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from studykit.checking.leaks import leaks
from studykit.library.cards import Card, Choice, fields_set
from studykit.library.deck import Problem
from studykit.library.standard import Standard, kinds_of
from studykit.wording import shown

if TYPE_CHECKING:
    from studykit.checking.topics import Topic

Finding: TypeAlias = tuple[Card | None, str, str, str]
_FACT = re.compile(r"fact:(\d+)")
_CODE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
_FORMULA = re.compile(r"^\$\$.*?\$\$[ \t]*$", re.MULTILINE | re.DOTALL)
_WORD = re.compile(r"[^\W_一-鿿]+|[一-鿿]")
"""A word of a language that writes blanks, or one Chinese character."""


def up_to_standard(topic: "Topic", standard: Standard) -> Iterator[Problem]:
    """Yield where the topic falls short."""
    if topic.parsed.deck is None:
        return
    place = topic.place
    for rule in RULES:
        for card, field_name, name, message in rule(topic, standard):
            if card is not None:
                yield place.problem(card.id, field_name, name, message)
            else:
                position = place.positions.get(field_name, (1, 1))
                yield Problem(place.deck, *position, name, message)
    yield from _article(topic, standard)


def _number_of_cards(topic: "Topic", standard: Standard) -> Iterator[Finding]:
    if standard.cards is not None:
        least, most = standard.cards
        if not least <= len(topic.cards) <= most:
            yield (
                None,
                "cards",
                "number-of-cards",
                f"{len(topic.cards)} cards; a deck here has {least} to {most}",
            )


def _kinds(topic: "Topic", standard: Standard) -> Iterator[Finding]:
    counts: Counter[str] = Counter(card.kind for card in topic.cards)
    if len(counts) < standard.kinds:
        message = f"{len(counts)} kinds of card; a deck here has at least {standard.kinds}"
        yield None, "cards", "few-kinds", message
    for name, least in standard.at_least.items():
        count = sum(counts[kind] for kind in kinds_of(name))
        if count < least:
            message = f"{count} cards of kind {' or '.join(kinds_of(name))}; a deck here has at least {least}"
            yield None, "cards", "few-of-kind", message


def _needs(topic: "Topic", standard: Standard) -> Iterator[Finding]:
    for card in topic.cards:
        present = {name for name, _ in fields_set(card)}
        for name, needed in standard.needs.items():
            if card.kind in kinds_of(name):
                for missing in (one for one in needed if one not in present):
                    yield card, "id", "needed-field", f"a card like this has `{missing}` in this library"


def _facts(topic: "Topic", standard: Standard) -> Iterator[Finding]:
    if not standard.facts:
        return
    number = standard.facts.get(topic.entry.id)
    if number is None:
        message = "say under `facts` of decks/_standard.yaml how many facts this deck must teach"
        yield None, "title", "facts-unknown", message
        return
    asked: set[int] = set()
    for card in topic.cards:
        facts = {int(match[1]) for tag in card.tags if (match := _FACT.fullmatch(tag))}
        asked |= facts
        for fact in sorted(facts - set(range(1, number + 1))):
            yield card, "tags", "no-such-fact", f"this deck has {number} facts, and no fact:{fact}"
    for fact in sorted(set(range(1, number + 1)) - asked):
        yield (
            None,
            "cards",
            "fact-not-asked",
            f"no card asks fact {fact}: tag the one that does `fact:{fact}`",
        )


def _options(topic: "Topic", standard: Standard) -> Iterator[Finding]:
    if standard.option_ratio is None:
        return
    for card in topic.cards:
        if isinstance(card, Choice):
            right, wrong = (max(map(_length, options)) for options in (card.right, card.wrong))
            if right > standard.option_ratio * wrong:
                message = (
                    f"a right option has {right} characters, the longest wrong one {wrong}: the length tells"
                )
                yield card, "right", "option-length", message


def _longest(topic: "Topic", standard: Standard) -> Iterator[Finding]:
    choices = [card for card in topic.cards if isinstance(card, Choice)]
    longest = [card for card in choices if max(map(_length, card.right)) > max(map(_length, card.wrong))]
    if standard.longest_right is not None and len(longest) > standard.longest_right * len(choices):
        names = ", ".join(card.id for card in longest)
        message = f"in {len(longest)} of {len(choices)} choice cards the longest option is right: {names}"
        yield None, "cards", "longest-is-right", message


def _length(option: object) -> int:
    texts = option.values() if isinstance(option, dict) else (option,)
    return max(len(str(text).strip()) for text in texts)


def _leaks(topic: "Topic", _standard: Standard) -> Iterator[Finding]:
    for card in topic.cards:
        for field_name, message in leaks(card):
            yield card, field_name, "leaked-answer", message


def _code_width(topic: "Topic", standard: Standard) -> Iterator[Finding]:
    for card in topic.cards:
        for field_name in ("code", "broken", "start"):
            yield from (
                (card, field_name, "wide-code", message)
                for _, message in _wide(getattr(card, field_name, None) or "", standard)
            )


RULES: tuple[Callable[["Topic", Standard], Iterator[Finding]], ...] = (
    _number_of_cards,
    _kinds,
    _needs,
    _facts,
    _options,
    _longest,
    _leaks,
    _code_width,
)


def _wide(code: str, standard: Standard) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(code.splitlines(), 1):
        if standard.code_width is not None and len(line) > standard.code_width:
            yield number, f"a line of {len(line)} columns; at most {standard.code_width} can be read here"


def _article(topic: "Topic", standard: Standard) -> Iterator[Problem]:
    path = topic.entry.article
    if path is None:
        if standard.article_words is not None:
            message = "a deck here has an article: write it, and name it with `article:`"
            yield Problem(topic.place.deck, 1, 1, "no-article", message)
        return
    try:
        text = path.read_text("utf8")
    except (OSError, UnicodeDecodeError) as error:
        yield Problem(shown(path), 1, 1, "unreadable", f"cannot be read as UTF-8 text: {error}")
        return
    words = len(_WORD.findall(_FORMULA.sub("", _CODE.sub("", text))))
    least, most = standard.article_words or (0, words)
    if not least <= words <= most:
        message = f"{words} words; an article here has {least} to {most}"
        yield Problem(shown(path), 1, 1, "article-length", message)
    for fence in _CODE.finditer(text):
        above = text.count("\n", 0, fence.start())
        for number, message in _wide(fence[0], standard):
            yield Problem(shown(path), above + number, 1, "wide-code", message)
