"""What the command palette offers: every key that acts now, every screen, every deck, every theme."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from studykit.library.cards import text_in
from studykit.tui.text.clean import clean_line

if TYPE_CHECKING:
    from studykit.tui.app import StudyApp


@dataclass(frozen=True, slots=True)
class _Offer:
    """Something that can be done."""

    text: str
    do: Callable[[], object]
    key: str = ""
    """The key that does it, if one does here."""


class Offers(Provider):
    """Finds what can be done by its words; without any, what is at hand."""

    @property
    def _desk(self) -> "StudyApp":
        return cast("StudyApp", self.app)

    async def discover(self) -> Hits:
        """Offer what is at hand: the keys of the screen, and the other screens."""
        for offer in self._at_hand():
            yield DiscoveryHit(Content(offer.text), offer.do, offer.text, offer.key or None)

    async def search(self, query: str) -> Hits:
        """Offer all that matches, decks and themes too."""
        matcher = self.matcher(query)
        for offer in [*self._at_hand(), *self._decks(), *self._themes()]:
            score, offsets = matcher.fuzzy_search.match(matcher.query, offer.text)
            if score > 0:
                shown = Content(offer.text)
                for offset in offsets:
                    shown = shown.stylize(matcher.match_style, offset, offset + 1)
                yield Hit(score, shown, offer.do, text=offer.text, help=offer.key or None)

    def _at_hand(self) -> list[_Offer]:
        here = list(self._here())
        known = {offer.text for offer in here}
        return [*here, *(offer for offer in self._places() if offer.text not in known)]

    def _here(self) -> Iterator[_Offer]:
        """Yield the actions of the keys that act on the screen below."""
        seen: set[str] = set()
        for node, binding, enabled, _ in self.screen.active_bindings.values():
            if not (enabled and binding.description and binding.show) or binding.action in seen:
                continue
            seen.add(binding.action)
            key = self.app.get_key_display(binding)
            act = partial(self.app.run_action, binding.action, default_namespace=node)
            yield _Offer(clean_line(binding.description.capitalize()), act, f"key {key}")

    def _places(self) -> Iterator[_Offer]:
        desk = self._desk
        yield _Offer("Decks", desk.show_home)
        yield _Offer("Browse cards", desk.show_browser)
        yield _Offer("Statistics", desk.show_statistics)
        yield _Offer("Concept map", desk.show_map)
        yield _Offer("Settings", desk.show_settings)
        yield _Offer("Quiz on all decks", desk.show_quiz)
        yield _Offer("All keys", desk.show_help)
        yield _Offer("Study all decks", desk.start)
        yield _Offer("Quit studykit", desk.exit)

    def _decks(self) -> Iterator[_Offer]:
        desk, languages = self._desk, self._desk.study.settings.language
        library = desk.study.library
        titles = {track: named.title for track, named in library.tracks().items()}
        titles |= {deck: entry.title for deck, entry in library.decks().items()}
        for name, title in titles.items():
            shown = clean_line(text_in(title, languages))
            yield _Offer(f"Study {shown}", partial(desk.start, (name,)))
            yield _Offer(f"Quiz on {shown}", partial(desk.show_quiz, (name,)))
            yield _Offer(f"Cards of {shown}", partial(desk.show_browser, f"deck:{name} "))

    def _themes(self) -> Iterator[_Offer]:
        for theme in sorted(self.app.available_themes):
            yield _Offer(f"Theme {theme}", partial(self._desk.choose_theme, theme))
