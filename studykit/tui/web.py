"""The program in a page: what `studykit serve` starts for each browser window."""

import gc
import sys
from collections.abc import Sequence
from datetime import datetime

from textual import messages
from textual.drivers.web_driver import WebDriver

from studykit.errors import StudykitError
from studykit.wording import printable


class PageDriver(WebDriver):
    """Ends the program when nobody speaks to it any more: the server may have been killed."""

    def run_input_thread(self) -> None:
        """Read what the page says until it hangs up."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.post_message(messages.ExitApp())


def main(decks: Sequence[str]) -> int:
    """Open the review of `decks` for a page; what is wrong goes to the server's terminal."""
    from studykit.study import Study

    gc.disable()  # the program switches it on again: see `studykit.commands.review`
    try:
        with Study.open(datetime.now().astimezone()) as study:
            from studykit.tui.app import StudyApp

            app = StudyApp(study, study.library.decks_matching(decks))
            app.run()
        return app.return_code or 0
    except StudykitError as error:
        print(f"studykit: {printable(str(error))}", file=sys.stderr)  # noqa: T201 - there is no screen
        return 2
