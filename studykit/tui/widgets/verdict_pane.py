"""What a run ended with: expected and got, the failing input, the traceback, what was printed."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content

from studykit.tui.text.blocks import Block, Fixed, Flow
from studykit.tui.text.clean import clean
from studykit.tui.text.palette import CAUTION, CODE_FILL, MUTED, RIGHT, STRONG, WRONG
from studykit.tui.text.spinner import spinning
from studykit.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from studykit.running.verdicts import Result

_WORDS = {
    "pass": "Right",
    "wrong": "Not right",
    "error": "It stopped with an error",
    "timeout": "It took too long",
    "memory": "It used too much memory",
    "forbidden": "It tried something that is not allowed",
    "crash": "It crashed",
    "unavailable": "It cannot run here",
}
_LONGEST = 20_000

_THE_LEARNERS = frozenset(("pass", "wrong", "error"))
"""After any other verdict the machine may be to blame: the card can be skipped."""

_SKIP: "list[Block]" = [
    Flow(
        Content.assemble(
            "This does not count as forgetting. Run it again; or put it off until tomorrow: ",
            ("escape", STRONG),
            " out of the field, then ",
            ("-", STRONG),
            ".",
        ),
        gap=False,
    )
]


class VerdictPane(Vertical):
    """Shows one result; beside one another where there is room, else below."""

    def compose(self) -> ComposeResult:
        """Make room for every part."""
        yield Prose(id="verdict-head")
        with Container(id="verdict-compare"):
            yield Prose(id="verdict-expected", classes="part")
            yield Prose(id="verdict-got", classes="part")
        yield Prose(id="verdict-rest")

    def spin(self, tick: int, seconds: float, what: str) -> None:
        """Show that something runs."""
        self._clear()
        self._show("head", [Flow(spinning(tick, seconds, what, still=self.app.animation_level == "none"))])
        self.display = True

    def show(self, result: "Result") -> None:
        """Show how a run ended."""
        verdict = str(result.verdict)
        right = verdict == "pass"
        style = RIGHT if right else WRONG if verdict == "wrong" else CAUTION
        mark = "✓" if right else "✗" if verdict == "wrong" else "!"
        title = Content.assemble((f"{mark} {_WORDS[verdict]}", style), (_footnote(result), MUTED))
        advice = [] if verdict in _THE_LEARNERS else _SKIP
        self._show("head", [Flow(title), *_text(result.detail, gap=False), *advice])
        self._show("expected", _part("expected", result.expected) if not right else [])
        self._show("got", _part("got", result.got) if not right else [])
        shown = (result.expected.rstrip(), result.got.rstrip())
        rest = [
            *_part("failing input", result.failing_input),
            *_part("traceback", result.traceback),
            *_part("printed", "" if result.stdout.rstrip() in shown else result.stdout),
        ]
        self._show("rest", rest)
        self.display = True

    def say(self, sentence: str) -> None:
        """Show a sentence about the machine instead of a result."""
        self._clear()
        title = Content.styled("! It cannot run here", CAUTION)
        self._show("head", [Flow(title), *_text(sentence, gap=False), *_SKIP])
        self.display = True

    def hide(self) -> None:
        """Show nothing."""
        self._clear()
        self.display = False

    def _clear(self) -> None:
        for name in ("head", "expected", "got", "rest"):
            self._show(name, [])

    def _show(self, name: str, blocks: "list[Block]") -> None:
        part = self.query_one(f"#verdict-{name}", Prose)
        part.show(blocks)
        part.display = bool(blocks)


def _footnote(result: "Result") -> str:
    return f"   {result.ms:.0f} ms · {result.device}" if result.device else ""


def _text(text: str, *, gap: bool = True) -> "list[Block]":
    return [Flow(Content(clean(text.strip())), gap=gap)] if text.strip() else []


def _part(title: str, text: str) -> "list[Block]":
    text = text.rstrip()
    if not text:
        return []
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}\n… {len(text) - _LONGEST:,} more characters"
    heading = Flow(Content.styled(title, f"bold {MUTED}"))
    return [heading, Fixed(Content(clean(text).expandtabs(4)), Content("  "), gap=False, fill=CODE_FILL)]
