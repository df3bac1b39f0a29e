"""In a child that is to use CUDA: make the device ready, before the sandbox is closed.

CUDA cannot be initialised before a fork, takes about a second, and wants files and calls that the sandbox
refuses afterwards. `waiting.py` hides that second.
"""

from importlib import import_module


def initialise() -> None:
    """Start the device, as far as a small product goes."""
    torch = import_module("torch")
    square = torch.ones(8, 8, device="cuda")
    (square @ square).sum().item()
