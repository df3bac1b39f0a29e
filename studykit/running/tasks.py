"""What a confined child does: each task is a function from a plain mapping to a plain value.

`run(task)` looks the function up by `task["task"]`; what it prints goes to the process's stdout. Nothing here
guards anything: foreign code runs in this very process and may have changed whatever it likes by the time a
task returns. What a task returns is therefore a claim of the foreign code, to be decoded with care and
compared elsewhere.

- `samples`: `{module, filename, function, seeds}` -> one blob of keyword arguments per seed
- `call`: `{code: [{source, filename}...], function, probe: {source, filename, name} | None, cases: [blob...],
  device}` -> one blob per case. Blobs (`plain.encode`) keep every case apart: inputs are decoded afresh for
  each, and an output is written down before the next case can change it.
- `script`: `{source, filename, modules: {stem: source}}` -> None; the output is the point
- `programs`: `{sources}` -> `[printed, error | None]` of each, run in turn in one namespace; the process's
  own stdout has `STARTED` once for each that was begun
- `claim`, `main`, `picture`: `{module, filename, seed, device}` -> what that function of the snippet returns

An exception that ends a task is told by `describe`.
"""

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import io
import linecache
import random
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import CodeType, ModuleType
from typing import Any

from studykit.running import plain

Task = Mapping[str, Any]

STARTED = "(a program was started)\n"
MAX_FRAMES = 40
MAX_PRINTED = 100_000
MAX_MESSAGE = 4_000


class MissingError(Exception):
    """The code does not define what it was to define."""


def run(task: Task) -> object:
    """Do what `task` says and return its value; whatever the foreign code raises comes through."""
    return TASKS[task["task"]](task)


def samples(task: Task) -> list[bytes]:
    """Draw keyword arguments for each seed."""
    module = _load("snippet", [{"source": task["module"], "filename": task["filename"]}])
    sample = _function(module, task["function"])
    return [_numbered(index, _draw, sample, seed) for index, seed in enumerate(task["seeds"])]


def call(task: Task) -> list[bytes]:
    """Run the code once, then its function on each case."""
    implementation = _function(_load("answer", task["code"]), task["function"])
    probe = task.get("probe")
    ask = None if probe is None else _function(_load("probe", [probe]), probe["name"])
    device = task.get("device", "cpu")
    return [
        _numbered(index, _answer, implementation, ask, blob, device)
        for index, blob in enumerate(task["cases"])
    ]


def script(task: Task) -> None:
    """Run a program that may import the given modules; `SystemExit` without a fault ends it."""
    sys.meta_path.insert(0, _Finder(task.get("modules", {})))
    try:
        _load("__main__", [{"source": task["source"], "filename": task["filename"]}])
    except SystemExit as end:
        if end.code not in (None, 0):
            raise


def programs(task: Task) -> list[list[str | None]]:
    """Run programs in turn in one namespace; one that fails does not keep the next from running."""
    module = sys.modules["__main__"] = ModuleType("__main__")
    return [
        _program(module, source, f"<program {number}>")
        for number, source in enumerate(task["sources"], start=1)
    ]


def _program(module: ModuleType, source: str, filename: str) -> list[str | None]:
    sys.stdout.write(STARTED)
    sys.stdout.flush()
    printed, told = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        try:
            exec(_compile(source, filename), module.__dict__)  # noqa: S102 - see `_load`
        except BaseException as error:  # noqa: BLE001 - whatever ends it, the next one runs
            if not (isinstance(error, SystemExit) and error.code in (None, 0)):
                message = str(describe(error)["message"]).strip().partition("\n")[0]
                told = f"{type(error).__name__}: {message}".removesuffix(": ")
    return [printed.getvalue()[:MAX_PRINTED], told]


def claim(task: Task) -> object:
    """Measure the headline claim of a snippet."""
    return _show(task, "claim")


def main(task: Task) -> object:
    """Let a snippet show its idea."""
    return _show(task, "main")


def picture(task: Task) -> object:
    """Ask a snippet for the numbers of its picture."""
    return _show(task, "picture")


TASKS: dict[str, Callable[[Task], object]] = {
    "samples": samples,
    "call": call,
    "script": script,
    "programs": programs,
    "claim": claim,
    "main": main,
    "picture": picture,
}


def describe(error: BaseException) -> dict[str, object]:
    """Tell an exception as plain data: type, message, the last frames, and the number of the case it ended.

    Exceptions are foreign code too: one whose `str` raises is told without a message.
    """
    try:
        message = str.__getitem__(str(error), slice(MAX_MESSAGE))
    except BaseException:  # noqa: BLE001 - `__str__` of a foreign class may raise anything
        message = "(its message cannot be shown)"
    frames: deque[dict[str, object]] = deque(maxlen=MAX_FRAMES)
    trace = _attribute(error, "__traceback__")
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append({"file": code.co_filename, "line": trace.tb_lineno, "name": code.co_name})
        trace = trace.tb_next
    case = _attribute(error, "__dict__").get("studykit_case")
    return {
        "type": class_name(error),
        "message": message,
        "frames": list(frames),
        "case": case if type(case) is int else None,
    }


def class_name(error: BaseException) -> str:
    """Return the name of the exception's class, whatever its metaclass says."""
    return str(vars(type)["__name__"].__get__(type(error)))


def _attribute(error: BaseException, name: str) -> Any:
    # The exception's class is foreign code, and may have ideas of its own about attributes.
    return BaseException.__getattribute__(error, name)


def _numbered(case: int, work: Callable[..., bytes], *args: object) -> bytes:
    try:
        return work(*args)
    except BaseException as error:
        _attribute(error, "__dict__").setdefault("studykit_case", case)
        raise


def _draw(sample: Callable[[int], object], seed: int) -> bytes:
    drawn = sample(seed)
    if not isinstance(drawn, dict) or not all(isinstance(name, str) for name in drawn):
        raise TypeError(f"a sample must return a dict of keyword arguments, not {type(drawn).__name__}")
    return plain.encode(drawn)


def _answer(implementation: Any, ask: Any, blob: bytes, device: str) -> bytes:
    _seed_everything(device)
    arguments = plain.decode(blob)
    if "torch" in sys.modules:
        arguments = plain.to_torch(arguments, device)
    if ask is None:
        return plain.encode(implementation(**arguments))
    return plain.encode(ask(implementation, **arguments))


def _seed_everything(device: str) -> None:
    # Code that draws from the global generators draws the same in the reference and in the answer.
    random.seed(0)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.default_generator.manual_seed(0)
        if device != "cpu":
            torch.cuda.manual_seed(0)


def _show(task: Task, name: str) -> object:
    module = _load("snippet", [{"source": task["module"], "filename": task["filename"]}])
    function = _function(module, name)
    offered = {"seed": task.get("seed", 0), "device": task.get("device", "cpu")}
    taken = inspect.signature(function).parameters
    return function(**{name: value for name, value in offered.items() if name in taken})


def _function(module: ModuleType, name: str) -> Callable[..., Any]:
    function = vars(module).get(name)
    if not callable(function):
        raise MissingError(name)
    return function  # type: ignore[no-any-return]


def _load(name: str, pieces: Sequence[Mapping[str, str]]) -> ModuleType:
    """Run the pieces in one fresh module, in turn; `__future__` imports hold for later ones too."""
    module = ModuleType(name)
    sys.modules[name] = module  # dataclasses and Triton look their module up
    flags = 0
    for piece in pieces:
        code = _compile(piece["source"], piece["filename"], flags)
        flags |= code.co_flags & _FUTURE_FLAGS
        module.__dict__["__file__"] = piece["filename"]
        exec(code, module.__dict__)  # noqa: S102 - this is what the child is for
    return module


def _compile(source: str, filename: str, flags: int = 0) -> CodeType:
    # Triton reads the source of its kernels, and `inspect` finds it here when there is no file.
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    code: CodeType = compile(source, filename, "exec", flags=flags, dont_inherit=True)
    return code


def _future_flags() -> int:
    import __future__

    flags = 0
    for name in __future__.all_feature_names:
        flags |= getattr(__future__, name).compiler_flag
    return flags


_FUTURE_FLAGS = _future_flags()


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the snippets that a script may import, by name, without a disk."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources = sources

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        if fullname not in self.sources:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=f"{fullname}.py")

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = f"{module.__name__}.py"
        code = _compile(self.sources[module.__name__], module.__file__)
        exec(code, module.__dict__)  # noqa: S102 - see `_load`
