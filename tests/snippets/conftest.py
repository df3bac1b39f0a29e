"""What tests of snippets share: loading one as the sandbox meets it, and torch left as it was."""

from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

SNIPPETS = Path(__file__).parents[2] / "snippets"

Loader = Callable[[str], ModuleType]


@pytest.fixture(scope="session")
def load_snippet() -> Loader:
    """Load `snippets/<name>.py` afresh at each call: `load_snippet("python/mutability")`."""
    return load


def load(name: str) -> ModuleType:
    path = SNIPPETS / f"{name}.py"
    spec = spec_from_file_location(f"snippet_{name.replace('/', '_')}", path)
    assert spec is not None, path
    assert spec.loader is not None, path
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def untouched_torch() -> Iterator[None]:
    """Run a test on one thread, and see that nothing drew from torch's global generator."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    before = torch.get_rng_state()
    yield
    torch.set_num_threads(threads)
    assert torch.equal(before, torch.get_rng_state())
