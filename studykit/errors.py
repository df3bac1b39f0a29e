"""The one exception for faults of the call or of the environment.

Faults of *content* are values (`studykit.library.deck.Problem`): all of them are collected and shown. A
`StudykitError` ends the command; it is printed once, at the edge, as `studykit: message`, with exit code 2.
"""


class StudykitError(Exception):
    """Something about the call or the machine is wrong; the message says what, where and what to do."""
