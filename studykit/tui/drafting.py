"""Walking through the drafts of an article and deciding about each. Knows nothing of screens."""

from dataclasses import dataclass

from studykit.authoring.choosing import Choices, Choosing, Key, Offer


@dataclass(frozen=True, slots=True)
class _Step:
    choices: Choices
    key: Key
    left_out: bool


class Walk:
    """Where one is, what was decided, and what can be taken back."""

    def __init__(self, choosing: Choosing) -> None:
        self.choosing = choosing
        self.choices = Choices()
        self.left_out = False
        """Whether one looks at what was left out."""

        self.everything = not any(offer.is_changed for offer in choosing.cards(self.choices))
        """Whether cards are shown that are as they were."""

        self.offers: list[Offer] = []
        self._past: list[_Step] = []
        self._place = 0
        self._renew()

    @property
    def current(self) -> Offer | None:
        """What one looks at."""
        return self.offers[self._place] if self.offers else None

    @property
    def number(self) -> int:
        """Its number, from 1."""
        return self._place + 1

    @property
    def decided(self) -> bool:
        """Whether anything would be lost by leaving."""
        return bool(self._past)

    @property
    def counts(self) -> dict[str, int]:
        """How much was decided, in words."""
        keys = {offer.key for offer in self.offers}
        there = {
            "kept": len((self.choices.kept - self.choices.edited.keys()) & keys),
            "edited": len(keys & self.choices.edited.keys() - self.choices.dropped),
            "dropped": len(self.choices.dropped & keys),
            "rescued": len(self.choices.rescued),
        }
        return {what: count for what, count in there.items() if count}

    # ---- going

    def go(self, steps: int) -> bool:
        """Go on or back; tell whether there was anywhere to go."""
        place = min(max(0, self._place + steps), max(0, len(self.offers) - 1))
        moved, self._place = place != self._place, place
        return moved

    def show(self, key: Key) -> None:
        """Go to a card or candidate of the list, if it is in it."""
        self._place = next((n for n, offer in enumerate(self.offers) if offer.key == key), self._place)

    def look(self, *, left_out: bool) -> None:
        """Look at what was left out, or at the cards."""
        if self.left_out != left_out:
            self.left_out, self._place = left_out, 0
            self._renew()

    def toggle_everything(self) -> None:
        """Show the cards that are as they were, or no longer."""
        current = self.current
        self.everything = not self.everything
        self._renew()
        if current is not None:
            self.show(current.key)

    # ---- deciding

    def decide(self, choices: Choices) -> None:
        """Take a decision about what one looks at."""
        current = self.current
        if current is not None:
            self._past.append(_Step(self.choices, current.key, self.left_out))
            self._set(choices)

    def undo(self) -> bool:
        """Take the last decision back and go to what it was about; tell whether there was one."""
        if not self._past:
            return False
        step = self._past.pop()
        self.left_out = step.left_out
        self._set(step.choices)
        if all(offer.key != step.key for offer in self.offers):
            self.everything = True
            self._renew()
        self.show(step.key)
        return True

    def _set(self, choices: Choices) -> None:
        current = self.current
        self.choices = choices
        self._renew()
        if current is not None:
            self.show(current.key)

    def _renew(self) -> None:
        if self.left_out:
            self.offers = self.choosing.left_out(self.choices)
        else:
            offers = self.choosing.cards(self.choices)
            self.offers = [offer for offer in offers if self.everything or offer.is_changed]
        self._place = min(self._place, max(0, len(self.offers) - 1))
