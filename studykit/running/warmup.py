"""What a zygote imports and touches before it forks, so that no child pays for it.

Nothing here may start a thread or initialise CUDA: neither survives a fork.
"""

import gc
import importlib
import os
import types
from pathlib import Path
from typing import Any


def prepare(*, torch: bool) -> dict[str, Any]:
    """Import what children will need; return what the app wants to know about it."""
    if not torch:
        return {"torch": None, "cuda": False, "problem": ""}
    try:
        return _prepare_torch()
    except ImportError as error:
        return {"torch": None, "cuda": False, "problem": f"torch cannot be imported: {error}"}


def _prepare_torch() -> dict[str, Any]:
    import torch

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    _spare_dynamo()
    _exercise(torch)
    # Asking torch.cuda would initialise the driver, which no forked child could use.
    cuda = torch.version.cuda is not None and Path("/dev/nvidia0").exists()
    return {"torch": torch.__version__, "cuda": cuda, "triton": _prepare_triton(), "problem": ""}


def _exercise(torch: Any) -> None:
    """Do once what is slow the first time: kernels' tables, autograd, optimisers, printing."""
    weight = torch.nn.Parameter(torch.randn(4, 4))
    optimiser = torch.optim.AdamW([weight])
    torch.nn.functional.cross_entropy(torch.randn(2, 4) @ weight, torch.tensor([0, 1])).backward()
    optimiser.step()
    torch.nn.functional.scaled_dot_product_attention(*torch.randn(3, 1, 2, 4, 8))
    torch.nn.functional.conv2d(torch.randn(1, 1, 4, 4), torch.randn(1, 1, 2, 2))
    torch.einsum("ij,jk->ik", weight, weight)
    torch.linalg.svd(torch.randn(3, 3))
    torch.fft.fft(torch.randn(4))
    torch.func.grad(lambda x: (x**2).sum())(torch.randn(2))
    repr(weight)
    torch.manual_seed(0)


def _spare_dynamo() -> None:
    """Keep optimisers from importing the compiler, which costs 1.2 s and 160 MB and which nothing here uses.

    torch wraps some functions so that their first call imports dynamo, only to be told to leave them alone;
    the wrapper looks for `__dynamo_disable` first. Where torch changes this, it is slower and nothing breaks.
    """
    for function in gc.get_objects():
        if isinstance(function, types.FunctionType) and function.__code__.co_name == "inner":
            inside = getattr(function, "__wrapped__", None)
            if function.__code__.co_filename.endswith("torch/_compile.py") and inside is not None:
                inside.__dynamo_disable = inside


def _prepare_triton() -> bool:
    if os.environ.get("TRITON_INTERPRET") != "1":
        return False
    try:
        importlib.import_module("triton.language")
    except ImportError:
        return False
    return True
