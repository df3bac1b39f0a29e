"""The layer that closes the disk: Python may be read, the scratch folder written, and nothing else.

Two rulesets are stacked, and what both allow is allowed. The first is made once, before any fork: it names in
detail what may be read, which takes hundreds of rules. The second is made for each child: coarse, but for its
own scratch folder alone. Landlock has no rule that takes something away again, so where a secret lies inside
what may be read (this package, or a library of decks, inside site-packages), everything *around* it is
named instead.

It also closes TCP, abstract sockets and signals where the kernel can; `confine_seccomp` does so by itself.
"""

import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import landlockpy
from landlockpy import AccessFS, AccessNet, RestrictFlag, Ruleset, Scope

READ = AccessFS.READ_FILE | AccessFS.READ_DIR
SCRATCH = (
    READ
    | AccessFS.WRITE_FILE
    | AccessFS.TRUNCATE
    | AccessFS.MAKE_REG
    | AccessFS.MAKE_DIR
    | AccessFS.REMOVE_FILE
    | AccessFS.REMOVE_DIR
    | AccessFS.REFER
)
"""No links, sockets, fifos or devices, and no execution."""

_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo")
_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/dev/zero", "/dev/urandom", "/dev/random")
_MACHINE = ("/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu")
_CUDA = ("/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/dev/nvidia-modeset", "/dev/dxg")
_TOOLS = ("/usr", "/bin", "/sbin", "/etc/alternatives")
"""What compiles for CUDA, and the headers it reads."""

_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Disk:
    """What is made before the fork: the detailed ruleset, and the coarse list for the child's own."""

    ruleset: Ruleset
    readable: tuple[Path, ...]
    access: AccessFS
    abi: int
    cuda: bool

    def own(self, scratch: str) -> Ruleset:
        """Make the second ruleset of the child that `scratch` belongs to."""
        own = _ruleset(self.abi)
        _allow(own, self.readable, self.access)
        _allow_devices(own, cuda=self.cuda)
        own.allow_path(scratch, SCRATCH)
        return own

    def restrict(self, own: Ruleset) -> None:
        """Close the disk for this process, but for reads of Python and all of its scratch folder."""
        with self.ruleset, own:
            flags = RestrictFlag.TSYNC if self.cuda else RestrictFlag.NONE  # needs ABI 8
            self.ruleset.restrict(flags)
            own.restrict(flags)


def prepare(
    base: str,
    more: Iterable[str],
    hidden: Iterable[str] = (),
    *,
    abi: int | None = None,
    cuda: bool = False,
) -> Disk:
    """Make the detailed ruleset; `base` is where scratch folders will be, `more` further import roots."""
    holes = (_PACKAGE, *(Path(path).resolve() for path in hidden))
    known = landlockpy.abi_version()
    abi = known if abi is None else min(abi, known)
    tools = _TOOLS if cuda else ()
    readable = tuple(_existing([*_python(), *more, *_LIBRARIES, *_MACHINE, *tools]))
    access = READ | AccessFS.EXECUTE if cuda else READ
    ruleset = _ruleset(abi)
    for root in readable:
        _allow(ruleset, around(root, *holes), access)
        if root.is_dir():  # importing lists the folders on the path, and names are no secret
            ruleset.allow_path(root, AccessFS.READ_DIR)
    _allow_devices(ruleset, cuda=cuda)
    ruleset.allow_path(base, SCRATCH)
    return Disk(ruleset, readable, access, abi, cuda)


def around(root: Path, *holes: Path) -> Iterator[Path]:
    """Name everything beneath `root` but `holes`, in as few paths as it takes."""
    inside = [hole for hole in holes if hole.is_relative_to(root)]
    if not inside:
        yield root
    elif root not in inside:
        for entry in root.iterdir():
            yield from around(entry, *inside)


def _python() -> list[str]:
    """Where Python, its libraries and its packages lie; not the folders that `.pth` files point to."""
    paths = sysconfig.get_paths()
    homes = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    homes += site.getsitepackages()
    for prefix in {sys.prefix, sys.base_prefix} - {"/", "/usr"}:
        homes += [f"{prefix}/lib", f"{prefix}/lib64"]
    torch = sys.modules.get("torch")
    if torch is not None and torch.__file__:
        homes.append(str(Path(torch.__file__).parent))
    return homes


def _existing(paths: Iterable[str]) -> list[Path]:
    """Resolve links, leave out what is missing, and what lies inside another one."""
    found = sorted({Path(path).resolve() for path in paths if Path(path).exists()})
    return [path for path in found if not any(parent in found for parent in path.parents)]


def _ruleset(abi: int) -> Ruleset:
    return Ruleset(
        handled_fs=landlockpy.fs_for_abi(abi),
        handled_net=AccessNet(landlockpy.net_for_abi(abi)),
        scoped=Scope(landlockpy.scope_for_abi(abi)),
    )


def _allow(ruleset: Ruleset, paths: Iterable[Path], access: AccessFS) -> None:
    for path in paths:
        if path.is_dir():
            ruleset.allow_path(path, access)
        elif path.exists():
            ruleset.allow_path(path, access & (AccessFS.READ_FILE | AccessFS.EXECUTE))


def _allow_devices(ruleset: Ruleset, *, cuda: bool) -> None:
    for name in _FILES:
        if os.path.exists(name):  # noqa: PTH110 - on the way of every run
            ruleset.allow_path(name, AccessFS.READ_FILE)
    ruleset.allow_path("/dev/null", AccessFS.READ_FILE | AccessFS.WRITE_FILE)
    if cuda:
        _allow_cuda(ruleset)


def _allow_cuda(ruleset: Ruleset) -> None:
    for device in [Path(name) for name in _CUDA] + sorted(Path("/dev").glob("nvidia[0-9]*")):
        if device.exists() and not device.is_dir():
            ruleset.allow_path(device, AccessFS.READ_FILE | AccessFS.WRITE_FILE | AccessFS.IOCTL_DEV)
    _allow(ruleset, [Path("/proc/driver/nvidia")], READ)
