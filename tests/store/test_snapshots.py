"""States survive the way into the log and back, exactly."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from studykit.scheduling.sm2 import Memory
from studykit.store.records import Marks, Record
from studykit.store.snapshots import decode, encode, marks_in
from studykit.store.transitions import BLANK, State

days = st.dates(date(1970, 1, 1), date(9999, 12, 31))
floats = st.none() | st.floats(min_value=0.001, max_value=1e9)
numbers = st.integers(0, 10**6)
marks = st.builds(Marks, st.booleans(), st.none() | days, st.booleans(), st.booleans())
memories = st.builds(Memory, days, numbers, numbers, numbers, floats, floats)


@st.composite
def states(draw: st.DrawFn) -> State:
    own = draw(marks)
    if draw(st.booleans()):
        return State(None, own)
    scheduler = draw(st.sampled_from(("sm2", "fsrs")))
    record = Record(draw(memories), scheduler, draw(numbers), draw(st.none() | days), draw(days), own)
    return State(record, own)


@given(states())
def test_what_is_written_is_read_back(state: State) -> None:
    assert decode(encode(state)) == state
    assert marks_in(encode(state)) == state.marks


def test_nothing_is_written_as_nothing() -> None:
    assert encode(BLANK) is None
    assert decode(None) == BLANK


def test_what_is_written_is_short_and_plain() -> None:
    """Rows of years ago are read by the same keys: this text is a format."""
    memory = Memory(date(2026, 3, 2), 1, 0, 250)
    own = Marks(suspended=True, buried_until=date(2026, 3, 5))
    record = Record(memory, "sm2", 3, date(2026, 3, 1), date(2026, 3, 1), own)
    assert encode(State(record, own)) == (
        '{"due":"2026-03-02","interval":1,"repetitions":0,"ease":250,"lapses":3,"last_day":"2026-03-01",'
        '"scheduler":"sm2","drill_on":"2026-03-01","marks":{"suspended":true,"buried_until":"2026-03-05"}}'
    )
