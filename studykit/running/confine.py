"""Closes the sandbox from inside: every layer that can be had, in the order in which they stay possible.

A `Policy` is made once by the zygote, with all that takes time; a child applies it to itself. The layers are
independent: each refuses by itself most of what the others refuse.
"""

import contextlib
import os
import tempfile
from dataclasses import dataclass
from typing import Self

import seccompy
from landlockpy import Ruleset

from studykit.running import confine_limits, wire
from studykit.running.confine_landlock import Disk, prepare
from studykit.running.confine_limits import Limit
from studykit.running.confine_privileges import drop_privileges, set_dumpable
from studykit.running.confine_seccomp import main_filter, own_filter


@dataclass(frozen=True, slots=True)
class Policy:
    """What was prepared before the fork; None where the kernel has no such layer."""

    disk: Disk | None
    calls: seccompy.Filter | None
    calls_with_tools: seccompy.Filter | None = None
    """For runs that may start a compiler."""

    def ready(self, order: wire.Order) -> "Readied":
        """Make it ready for one child."""
        own = None if self.disk is None else self.disk.own(order.scratch)
        return Readied(self, order, confine_limits.limits(order), own)


def make_policy(settings: wire.Settings) -> Policy:
    """Prepare what this machine can do, so that children have little left to do."""
    cuda = settings["kind"] == "cuda"
    disk = calls = with_tools = None
    with contextlib.suppress(OSError):  # no Landlock
        disk = prepare(
            settings["folder"],
            settings["import_roots"],
            settings["hidden"],
            abi=settings["landlock_abi"],
            cuda=cuda,
        )
    with contextlib.suppress(OSError):  # no seccomp, or an architecture whose calls are not known
        calls = main_filter(cuda=cuda)
        with_tools = main_filter(cuda=True, tools=True) if cuda else None
        for filter_ in filter(None, (calls, with_tools, own_filter(os.getpid()))):
            len(filter_.program)  # compiled here, once
    return Policy(disk, calls, with_tools)


@dataclass(frozen=True, slots=True)
class Readied:
    """A policy made ready for one child, by the zygote: a child pays for what it touches with page faults."""

    policy: Policy
    order: wire.Order
    limits: list[Limit]
    own_disk: Ruleset | None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.own_disk is not None:
            self.own_disk.close()

    @property
    def descriptors(self) -> list[int]:
        """What must stay open until the policy is applied."""
        disk = self.policy.disk
        return (
            [] if disk is None or self.own_disk is None else [disk.ruleset.fileno(), self.own_disk.fileno()]
        )

    def apply(self) -> None:
        """Confine this process for good; raise if a layer cannot be had."""
        _move_into(self.order.scratch)
        set_dumpable(True)  # for the app, which counts what is written; nobody else gets near
        close = {
            "limits": lambda: confine_limits.apply(self.limits),
            "privileges": drop_privileges,
            "landlock": self._close_disk,
            "seccomp": self._close_kernel,
        }
        for name in wire.LAYERS:
            if name in self.order.layers:
                close[name]()

    def _close_disk(self) -> None:
        if self.policy.disk is None or self.own_disk is None:
            raise OSError("no Landlock")
        self.policy.disk.restrict(self.own_disk)

    def _close_kernel(self) -> None:
        calls = self.policy.calls_with_tools if self.order.tools else self.policy.calls
        if calls is None:
            raise OSError("no seccomp")
        own_filter(os.getpid()).load()
        calls.load()


def _move_into(scratch: str) -> None:
    """Make the scratch folder the only place that programs think of."""
    os.chdir(scratch)
    os.environ.update({"HOME": scratch, "TMPDIR": scratch})
    tempfile.tempdir = scratch
