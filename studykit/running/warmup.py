"""What a zygote imports and touches before it forks, so that no child pays for it.

Nothing here may start a thread or initialise CUDA: neither survives a fork.
"""

import ctypes
import gc
import importlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studykit.running import selfpipe
from studykit.running.launch import gpu_present

_MADV_COLLAPSE = 25
_HUGE = 2 * 2**20
_ANONYMOUS = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p \S+ \S+ 0 +(\[heap\])?$")


def prepare(kind: str) -> dict[str, Any]:
    """Import what children need at once; return what the app wants to know about it."""
    selfpipe.install()
    told: dict[str, Any] = {"torch": None, "cuda": False, "problem": ""}
    if kind == "plain":
        return told
    try:
        import torch
    except (ImportError, OSError) as error:
        return {**told, "problem": f"torch cannot be imported ({error})"}
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    _exercise(torch)
    # Asking torch.cuda would initialise the driver, which no forked child could use.
    cuda = torch.version.cuda is not None and gpu_present()
    return {**told, "torch": str(torch.__version__), "cuda": cuda}


def later(kind: str) -> Iterator[None]:
    """Do, in steps, what can wait for a quiet moment."""
    if kind != "plain" and (torch := importlib.import_module("torch")):
        yield from _exercise_slowly(torch)
    gc.collect()
    gc.freeze()
    yield
    yield from collapse()


def _exercise(torch: Any) -> None:
    """Do once what is slow only the first time."""
    weight = torch.nn.Parameter(torch.randn(4, 4))
    torch.nn.functional.cross_entropy(torch.randn(2, 4) @ weight, torch.tensor([0, 1])).backward()
    torch.nn.functional.scaled_dot_product_attention(*torch.randn(3, 1, 2, 4, 8))
    torch.nn.functional.conv2d(torch.randn(1, 1, 4, 4), torch.randn(1, 1, 2, 2))
    torch.einsum("ij,jk->ik", weight, weight)
    torch.linalg.svd(torch.randn(3, 3))
    torch.fft.fft(torch.randn(4))
    repr(weight)
    torch.manual_seed(0)


def _exercise_slowly(torch: Any) -> Iterator[None]:
    """Import torch's compiler, which the first step of an optimiser asks for, and Triton."""
    weight = torch.nn.Parameter(torch.randn(2, 2))
    optimiser = torch.optim.AdamW([weight])
    weight.sum().backward()
    optimiser.step()
    yield
    torch.func.jvp(torch.sin, (torch.ones(2),), (torch.ones(2),))
    yield
    torch.func.vmap(torch.func.grad(torch.sin))(torch.ones(2))
    torch.manual_seed(0)
    if os.environ.get("TRITON_INTERPRET") == "1":
        try:
            importlib.import_module("triton.language")
        except ImportError:
            yield
    yield


def collapse() -> Iterator[None]:
    """Gather memory into huge pages, so that a fork copies hundreds of page entries, not tens of thousands.

    Forking and ending a child of torch takes 3 ms instead of 9. The kernel may refuse; then it is slower.
    """
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for line in Path("/proc/self/maps").read_text().splitlines():
        area = _ANONYMOUS.match(line)
        if area is not None:
            begin, end = int(area[1], 16), int(area[2], 16)
            for address in range(-(-begin // _HUGE) * _HUGE, end - _HUGE + 1, _HUGE):
                madvise(address, _HUGE, _MADV_COLLAPSE)
                yield
