"""The house keeps its order: imports point one way, and each outside library lives in its room."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "studykit"

ROOMS = (
    "errors",
    "wording",
    "config",
    "library",
    "authoring",
    "scheduling",
    "store",
    "running",
    "checking",
    "exchange",
    "statistics",
    "study",
    "quiz",
    "tui",
    "serving",
    "plain",
    "commands",
    "cli",
    "__main__",
)
"""From the top of the house to the bottom: a room may import itself and the rooms before it."""

HOMES = {
    "yaml": {"library"},
    "pydantic": {"library"},
    "tomlkit": {"config"},
    "markdown_it": {"authoring", "tui"},
    "markdownify": {"authoring"},
    "bs4": {"authoring"},
    "nbformat": {"authoring"},
    "sqlalchemy": {"store"},
    "sqlite3": {"store"},
    "alembic": {"store"},
    "fsrs": {"scheduling"},
    "subprocess": {"running", "tui"},
    "multiprocessing": set(),
    "seccompy": {"running"},
    "landlock": {"running"},
    "landlockpy": {"running"},
    "textual": {"tui"},
    "rich": {"tui"},
    "textual_image": {"tui"},
    "ziamath": {"tui"},
    "latex2mathml": {"tui"},
    "resvg_py": {"tui"},
    "PIL": {"tui"},
    "aiohttp": {"serving"},
    "textual_serve": {"serving"},
    "shtab": {"commands"},
    "pickle": set(),
    "requests": set(),
    "http": set(),
}
"""Where a library may be imported; everywhere else it is a leak."""

FOREIGN = {"torch", "triton", "numpy"}
"""Imported only by processes that run snippets."""

FOREIGN_FILES = {f"running/{name}.py" for name in ("zygote", "worker", "tasks", "cuda", "warmup")}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "builtin" not in path.parts)


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_itself_and_the_rooms_above(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    allowed = set(ROOMS[: ROOMS.index(room) + 1])
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] == "studykit" and len(parts) > 1 and parts[1] in ROOMS:
            assert parts[1] in allowed, f"{path}: {room} imports {name}, which is further down the house"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_library_stays_in_its_room(path: Path) -> None:
    room, place = room_of(path), str(path.relative_to(PACKAGE))
    for name in imports_of(path):
        top = name.split(".")[0]
        if top in HOMES:
            assert room in HOMES[top], (
                f"{place} imports {top}, which belongs to {sorted(HOMES[top]) or 'nobody'}"
            )
        if top in FOREIGN:
            assert place in FOREIGN_FILES, f"{place} imports {top}: only processes that run snippets may"


def test_every_room_of_the_package_is_in_the_plan() -> None:
    found = {room_of(path) for path in modules()} - {"__init__"}
    assert found <= set(ROOMS)
