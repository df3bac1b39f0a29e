"""Lines out and lines in: nothing that moves a cursor, nothing that needs a terminal."""

from dataclasses import dataclass
from typing import TextIO

from studykit.wording import printable

END_OF_TEXT = "."
"""A line that ends an answer of several lines."""


class EndedError(Exception):
    """There is no more input, or the learner is done."""


@dataclass(slots=True)
class Console:
    """Where the review speaks and listens."""

    source: TextIO
    target: TextIO
    width: int = 0
    """How many characters fit a line; 0: as many as there are, which is what a screen reader wants."""

    def say(self, text: str = "") -> None:
        """Write a line, or several."""
        self.target.write(f"{printable(text)}\n")
        self.target.flush()

    def ask(self, prompt: str) -> str:
        """Ask for a line. Raises EndedError at the end of the input."""
        self.target.write(f"{printable(prompt)} ")
        self.target.flush()
        line = self.source.readline()
        if not self.source.isatty():
            self.target.write("\n")  # nobody pressed enter on this side
        if not line:
            raise EndedError
        return line.rstrip("\r\n")

    def lines_after(self, first: str) -> str:
        """Return a text of several lines that begins with `first` and ends before a line with a dot."""
        lines: list[str] = []
        line = first
        while line != END_OF_TEXT:
            lines.append(line)
            line = self.source.readline()
            if not line:
                raise EndedError
            line = line.rstrip("\r\n")
        return "\n".join(lines)
