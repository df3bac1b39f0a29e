"""Threads may parse at the same time."""

import ast
import gc
import threading
import time

import pytest

from studykit.running import parsing

SOURCE = "def f(x):\n    return [x + n * (x - n) for n in range(x) if n]\n" * 200


class Slow:
    """Garbage that lets other threads in when it is collected."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        time.sleep(0.0005)


@pytest.fixture
def eager_collector():
    """Collect garbage again and again, in the middle of parsing too."""
    before = gc.get_threshold()
    gc.set_threshold(50, 2, 2)
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("eager_collector")
def test_two_threads_parse_without_getting_into_each_others_way() -> None:
    faults: list[BaseException] = []

    def parse() -> None:
        for _ in range(4):
            garbage = [Slow() for _ in range(20)]
            try:
                assert len(parsing.module(SOURCE).body) == 200
                assert isinstance(parsing.expression("1 + 2"), ast.Expression)
            except BaseException as error:  # noqa: BLE001 - whatever a thread meets is the test's
                faults.append(error)
            del garbage

    threads = [threading.Thread(target=parse) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
