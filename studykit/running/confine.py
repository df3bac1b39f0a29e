"""Applies, in a child, every layer that the order asks for, in the order in which they stay possible."""

import os
import tempfile

from studykit.running import wire
from studykit.running.confine_limits import die_with, limit

__all__ = ["apply", "die_with"]


def apply(order: wire.Order) -> None:
    """Confine this process for good; raise if a layer that must hold cannot be had."""
    _move_into(order.scratch)
    limit(order)


def _move_into(scratch: str) -> None:
    """Make the scratch folder the only place that programs think of."""
    os.chdir(scratch)
    os.environ.update({"HOME": scratch, "TMPDIR": scratch})
    tempfile.tempdir = scratch
