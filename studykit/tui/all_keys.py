"""Every key of every screen, in words."""

Section = tuple[str, tuple[tuple[str, str], ...]]
"""A title, and keys with what they do."""

SECTIONS: tuple[Section, ...] = (
    (
        "Any card",
        (
            ("space, enter", "show the answer"),
            ("h, F2", "hint"),
            ("u", "undo the last step, also after a restart; returns to its card"),
            ("-", "bury: not before tomorrow"),
            ("!", "suspend: not any more"),
            ("f", "flag for later, or take the flag away"),
            ("i", "card info: every answer, what is next, the forgetting curve"),
            ("a", "the article, at the lines the card comes from; before answering it counts as a hint"),
            ("s", "the snippet, at its function; before answering it counts as the solution"),
            ("p", "what the snippet draws"),
            ("e", "edit the card in your editor; the change is shown at once"),
            ("escape", "to the list of decks"),
            ("q, ctrl+q", "quit; everything is saved already"),
        ),
    ),
    (
        "Choices",
        (
            ("1 … 9", "tick; where one is right, that is the answer"),
            ("up, down, space", "tick with a cursor, also beyond the ninth"),
            ("enter", "check"),
        ),
    ),
    (
        "Typing and running",
        (
            ("enter", "hand in one line"),
            ("ctrl+r", "run what you wrote"),
            ("escape", "cancel what runs; then: leave the field, so that keys act"),
            ("tab", "outside the field: back into it"),
            ("ctrl+e", "write it in your own editor (VISUAL, EDITOR)"),
            ("tab, shift+tab", "indent, outdent"),
            ("ctrl+z, ctrl+y", "undo and redo in the editor"),
            ("ctrl+s", "the solution; you may go on, and it counts"),
            ("space", "outside the field: give up"),
        ),
    ),
    (
        "Reading",
        (
            ("up, down", "scroll; page up and page down by a page"),
            ("left, right", "scroll wide code and tables"),
            ("n", "in an article or snippet: to the lines of the card"),
        ),
    ),
    (
        "Decks",
        (
            ("enter, space", "study the deck, the track, or all"),
            ("b", "the cards"),
            ("s", "the statistics"),
            ("m", "the concept map"),
            ("z", "a quiz of ten questions on them; the schedule stays as it is"),
            (",", "the settings"),
            ("u", "undo the last step; returns to its card"),
        ),
    ),
    (
        "Quiz",
        (
            ("space, enter", "show the answer of a card that you grade yourself: 1 wrong, 2 right"),
            ("1 … 9", "tick; enter hands the ticks in"),
            ("enter, ctrl+r", "hand in what is typed, and go on"),
            ("ctrl+e", "write it in your own editor (VISUAL, EDITOR)"),
            ("escape, tab", "leave the field, go back into it"),
            ("n, b", "the next question or answer, the one before"),
            ("f, q", "finish: hand the paper in, to be marked"),
            ("enter, w, space", "at the result: look at what was wrong"),
            ("r", "at the result: ask that again, with other numbers"),
            ("a, s", "beside a wrong answer: the article, the snippet"),
            ("up, down, left, right", "scroll; page up and page down by a page"),
        ),
    ),
    (
        "Cards",
        (
            ("/", "search; results follow what you type, as `studykit search` finds them"),
            ("enter", "from the search to the list; there: the whole card with every answer to it"),
            ("space, a", "tick a card, tick all; then the keys below are about the ticked ones"),
            ("!, -, f", "suspend, bury until tomorrow, flag; again: take it back"),
            ("d", "due now: seen cards become due today"),
            ("r", "reset: the card is new again; its answers stay in the log"),
            ("u", "undo; all that one key did is one step"),
            ("s, o", "sort by the next column, the other way round; or click on a column"),
            ("p", "show or hide the card beside the list"),
            ("ctrl+up, ctrl+down", "scroll it"),
            ("⚑ ♦", "flagged; a leech (forgotten eight times or more)"),
        ),
    ),
    (
        "Statistics",
        (
            ("left, right", "the year before, the year after"),
            ("t, T", "the next track alone, the one before"),
            ("space, up, down, k, j", "scroll; home and end: to the top and to the bottom"),
        ),
    ),
    (
        "Concept map",
        (
            ("enter", "study the deck; on ↗: go to where it stands"),
            ("b", "its cards"),
            ("left, right", "fold, unfold; go up, go down"),
            ("space", "fold or unfold"),
        ),
    ),
    (
        "Settings",
        (
            ("enter, space", "change the setting: saved, and used, at once"),
            ("left, right", "another value"),
            ("backspace, delete", "the default"),
        ),
    ),
    (
        "Everywhere",
        (
            ("up, down, k, j", "move in a list; page up, page down, home, end, g and G go further"),
            ("ctrl+p", "the command palette: every action, screen, deck and theme by name"),
            ("escape", "back"),
            ("q, ctrl+q", "quit; everything is saved already"),
            ("?, F1", "this list; it begins with the screen you are on"),
        ),
    ),
)
