"""Managing cards while reviewing: undo, bury, suspend, flag, edit."""

from collections.abc import Callable

from studykit.errors import StudykitError
from studykit.tui.screens.review_card import CardScreen


class Managing(CardScreen):
    """What can be done to the card on screen beside answering it."""

    _returning = False
    """Whether the next card on screen is one that an undo returned to."""

    async def action_undo(self) -> None:
        """Take back the last step and return to its card."""
        try:
            undone = self._sitting.undo()
        except StudykitError as error:
            self._desk.tell("Nothing was taken back", str(error))
            return
        if undone is None:
            self._desk.say("There is nothing to undo.")
            return
        self._desk.say_undone(undone)
        self._returning = True
        await self._next()

    async def action_bury(self) -> None:
        """Put the card off until tomorrow."""
        await self._put_away(self._sitting.bury, "Buried until tomorrow")

    async def action_suspend(self) -> None:
        """Put the card away for good."""
        await self._put_away(self._sitting.suspend, "Suspended: it will not come again")

    async def _put_away(self, step: Callable[[], str], what: str) -> None:
        try:
            card = step()
        except StudykitError as error:
            self._desk.tell("That was not saved", str(error))
            return
        self._desk.say(f"{what}: {card} (u brings it back)")
        await self._next()

    def action_flag(self) -> None:
        """Mark the card for later."""
        try:
            flagged = self._sitting.flag()
        except StudykitError as error:
            self._desk.tell("That was not saved", str(error))
            return
        self._desk.say("Flagged." if flagged else "No longer flagged.")

    def action_home(self) -> None:
        """Go to the list of decks; everything is saved already."""
        self._desk.show_home()

    def action_quit(self) -> None:
        """Leave; everything is saved already."""
        self._desk.exit()

    def action_help(self) -> None:
        """Show every key."""
        self._desk.show_help()

    async def action_edit(self) -> None:
        """Edit the card where it is written; it is read again at once."""
        from studykit.tui.editing import Broken, edit

        card_id = self.card_id
        try:
            edited = edit(self._desk, self._sitting.study, card_id, self._sitting.clock())
        except StudykitError as error:
            self._desk.tell("The card was not edited", str(error))
            return
        if isinstance(edited, Broken):
            self._desk.tell("The card stays as it was", str(edited))
        elif edited is None:
            self._desk.say("Nothing was changed.")
        elif edited == card_id:
            await self._again()
        else:
            self._desk.say(f"The card is now {edited}." if edited else f"{card_id} is gone from its deck.")
            self._sitting.replan(edited or None)
            await self._next()
