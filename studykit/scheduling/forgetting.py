"""How likely a card is still known: the forgetting curve.

FSRS-6 is a model of exactly this: with stability S, the chance after t days is `(1 + f t/S) ** -d`, where d
is its last parameter and f makes the chance 90% after S days. SM-2 says nothing about chances. For it the
curve is an approximation, and shown as one: `0.9 ** (t / interval)`, exponential forgetting that reaches 90%
on the day the card is due, as its author meant intervals to be chosen.
"""

from studykit.scheduling.sm2 import Memory

RETENTION = 0.9
_DECAY = 0.1542
"""FSRS-6's last default parameter, as in `studykit.scheduling.fsrs`."""

_FACTOR = RETENTION ** (-1 / _DECAY) - 1


def is_modelled(memory: Memory) -> bool:
    """Tell whether the curve comes from a model of forgetting, or is an approximation."""
    return memory.stability is not None


def retrievability(memory: Memory, days: float) -> float:
    """Return the chance, from 0 to 1, that a card is known `days` after the answer that left `memory`."""
    days = max(0.0, days)
    if memory.stability is not None:
        return float((1 + _FACTOR * days / max(memory.stability, 0.001)) ** -_DECAY)
    return float(RETENTION ** (days / max(memory.interval, 1)))
