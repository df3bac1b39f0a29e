"""Values worked out once for each object."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - used like `property`
    """`functools.cached_property` without its lock: drafting asks for tens of thousands of them."""

    def __init__(self, work: Callable[[Any], T]) -> None:
        self._work = work
        self._name = work.__name__
        self.__doc__ = work.__doc__

    def __get__(self, instance: object, owner: type) -> T:
        value: T = self._work(instance)
        instance.__dict__[self._name] = value
        return value
