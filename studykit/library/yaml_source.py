"""YAML as plain data that remembers where everything stood: safe, bounded, with the scalars of YAML 1.2."""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_NODES = 2_000_000
MAX_DEPTH = 30
MAX_ALIASES = 1_000

Location = tuple[str | int, ...]
Position = tuple[int, int]


@dataclass(slots=True)
class Fault:
    """Something wrong with the YAML itself."""

    position: Position
    rule: str
    message: str


@dataclass(slots=True)
class Loaded:
    """The data, the position of each key and value, and what is wrong."""

    data: Any = None
    keys: dict[Location, Position] = field(default_factory=dict)
    values: dict[Location, Position] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


class _CoreLoader(yaml.CSafeLoader):
    """The C parser with the scalars of YAML 1.2's core schema: `no` is text."""


_CoreLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("tag:yaml.org,2002:null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:int", r"^[-+]?[0-9]+$", "-+0123456789"),
    (
        "tag:yaml.org,2002:float",
        r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$|^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$",
        "-+0123456789.",
    ),
):
    _CoreLoader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))


def loader(text: str) -> Any:
    """Return the parser of `text`; the caller disposes of it."""
    return _CoreLoader(text)


def load(text: str) -> Loaded:
    """Parse `text`; faults of the YAML are collected as far as it can be read."""
    loaded = Loaded()
    try:
        parser = loader(text)
        try:
            node = parser.get_single_node()
        finally:
            parser.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        position = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        loaded.faults.append(Fault(position, "yaml", " ".join(filter(None, (error.context, error.problem)))))
        return loaded
    except (yaml.YAMLError, RecursionError) as error:
        loaded.faults.append(Fault((1, 1), "yaml", f"cannot be read: {error}"))
        return loaded
    if node is not None:
        _Reader(loaded).read(node)
    return loaded


class _Reader:
    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.nodes = 0
        self.open: set[int] = set()

    def read(self, root: yaml.Node) -> None:
        try:
            self.loaded.data = self._value(root, ())
        except _Bomb as bomb:
            self.loaded.data = None
            self.loaded.faults.append(bomb.fault)

    def _value(self, node: yaml.Node, at: Location) -> Any:
        self.nodes += 1
        position = _start(node)
        if self.nodes > MAX_NODES or len(at) > MAX_DEPTH:
            raise _Bomb(Fault(position, "too-large", "nested or repeated beyond what a deck can be"))
        self.loaded.values[at] = position
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, position)
        if id(node) in self.open:
            raise _Bomb(Fault(position, "yaml", "an anchor that contains itself"))
        if node.tag not in ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            self._fault(position, "tag", f"remove the tag {node.tag}: a deck is plain data")
        self.open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, at)
            return [self._value(child, (*at, index)) for index, child in enumerate(node.value)]
        finally:
            self.open.discard(id(node))

    def _mapping(self, node: yaml.MappingNode, at: Location) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            position = _start(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self._fault(position, "key", "a key must be a word")
                continue
            key = key_node.value
            if key in found:
                self._fault(position, "duplicate-key", f"`{key}` stands here twice; the first is in use")
                continue
            self.loaded.keys[(*at, key)] = position
            found[key] = self._value(value_node, (*at, key))
        return found

    def _scalar(self, node: yaml.ScalarNode, position: Position) -> Any:
        kind = str(node.tag).removeprefix("tag:yaml.org,2002:")
        match kind:
            case "str":
                return node.value
            case "null":
                return None
            case "bool":
                return node.value.lower() == "true"
            case "int":
                return int(node.value) if len(node.value) < 100 else node.value
            case "float":
                return float(node.value.lower().replace(".inf", "inf").replace(".nan", "nan"))
        self._fault(position, "tag", f"remove the tag {node.tag}: a deck is plain data")
        return node.value

    def _fault(self, position: Position, rule: str, message: str) -> None:
        self.loaded.faults.append(Fault(position, rule, message))


class _Bomb(Exception):  # noqa: N818 - it ends the reading and is caught beside it
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def _start(node: yaml.Node) -> Position:
    return node.start_mark.line + 1, node.start_mark.column + 1
