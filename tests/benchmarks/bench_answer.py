"""How long a durable answer takes, beside bare `sqlite3` writing the same rows, after years of study.

    python tests/benchmarks/bench_answer.py [--cards 20000] [--answers 200000] [--rounds 1000]

Both sides write to databases of the same content in the same folder, in turn, one answer each: a log row and
a memory row, one transaction, WAL, synchronous=FULL. The rows of the bare side are those studykit wrote. On
studykit's side the time runs until the session knows the next card.
"""

import argparse
import random
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles

from studykit.scheduling.session import Candidate, Item, Limits, Session, plan
from studykit.scheduling.sm2 import Grade
from studykit.store import journal, rows
from studykit.store.database import Database
from studykit.store.records import deck_of
from studykit.store.store import Store
from studykit.store.transitions import State, day_for, remember, role_on, scheduled

FIRST_DAY = date(2020, 1, 1)
TODAY = date(2026, 1, 1)
AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
EVIDENCE = {"attempts": 1, "passed": True, "hint_used": False, "solution_seen": False, "seconds": 12.5}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cards", type=int, default=20_000)
    parser.add_argument("--answers", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=1_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = Path(folder, "ours.db"), Path(folder, "bare.db")
        cards = [f"track_{n // 1000}/topic_{n // 50}/card_{n}" for n in range(arguments.cards)]
        fill(ours, cards, arguments.answers)
        shutil.copyfile(ours, bare)
        print(f"{len(cards)} cards, {arguments.answers} answers, {ours.stat().st_size / 2**20:.0f} MiB")
        load(ours, cards)
        compare(ours, bare, cards, arguments.rounds)


def fill(path: Path, cards: list[str], answers: int) -> None:
    """Write `answers` answers to `cards`, spread over years, in one transaction."""
    Store.open(f"sqlite:///{path}").close()
    rng = random.Random(1)
    database = Database(path)
    states = dict.fromkeys(cards, State())
    with database.writing() as connection:
        for entry in _history(cards, answers, rng, states):
            journal.append(connection, entry)
        for card, state in states.items():
            rows.write_state(connection, card, State(), state)
    database.close()


def _history(
    cards: list[str], answers: int, rng: random.Random, states: dict[str, State]
) -> Iterator[journal.Entry]:
    for number in range(answers):
        card = cards[number % len(cards)]
        before = states[card]
        first = FIRST_DAY + timedelta(days=number * 365 // answers)
        day = day_for(before.record, before.record.memory.due if before.record else first)
        role = role_on(before.record, day)
        grade = rng.choice((Grade.NEARLY, Grade.HARD, Grade.GOOD, Grade.GOOD))
        memory = scheduled(before.record, grade, day, "sm2", [])
        record = remember(before, role, grade, day, memory, "sm2")
        states[card] = State(record, record.marks)
        yield journal.Entry(
            role=role,
            card=card,
            day=day,
            at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
            before=before,
            after=states[card],
            grade=grade,
            evidence=EVIDENCE,
            seed=number,
            duration_ms=rng.randrange(2_000, 60_000),
            scheduler="sm2",
        )


def compare(ours: Path, bare: Path, cards: list[str], rounds: int) -> None:
    """Go from answer to next card `rounds` times, the bare side in turn, and print both distributions."""
    store, connection = Store.open(f"sqlite:///{ours}"), sqlite3.connect(bare, isolation_level=None)
    reader = sqlite3.connect(ours, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    session = planned(store, cards, Limits(reviews=rounds))
    rng = random.Random(2)
    our_times, bare_times = [], []
    for number in range(rounds):
        card, grade = require(session).card, rng.choice((Grade.NEARLY, Grade.GOOD, Grade.GOOD, Grade.EASY))
        start = time.perf_counter()
        store.answer(card, grade, day=TODAY, at=AT, evidence=EVIDENCE, seed=number, duration_ms=12_500)
        session = session.answered(grade)
        our_times.append((time.perf_counter() - start) * 1000)
        logged = reader.execute("SELECT * FROM log ORDER BY seq DESC LIMIT 1").fetchone()
        memory = reader.execute("SELECT * FROM memory WHERE card = ?", (card,)).fetchone()
        start = time.perf_counter()
        write(connection, logged, memory)
        bare_times.append((time.perf_counter() - start) * 1000)
    for closing in (reader, connection, store):
        closing.close()
    for name, measure in (("median", median), ("p95", _p95)):
        mine, other = measure(our_times), measure(bare_times)
        print(f"answer {name}: studykit {mine:.3f} ms, bare sqlite3 {other:.3f} ms, {mine / other:.2f}x")


def write(connection: sqlite3.Connection, logged: tuple[object, ...], memory: tuple[object, ...]) -> None:
    """Write what one answer wrote, with nothing around it."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"INSERT INTO log VALUES ({','.join('?' * len(logged))})", logged)  # noqa: S608
    connection.execute(f"REPLACE INTO memory VALUES ({','.join('?' * len(memory))})", memory)  # noqa: S608
    connection.execute("COMMIT")


def planned(store: Store, cards: list[str], limits: Limits) -> Session:
    """Return the day's session."""
    candidates = [Candidate(card, deck_of(card), position) for position, card in enumerate(cards)]
    return plan(candidates, store.standings(), store.marks(), TODAY, limits, store.done_on(TODAY))


def require(session: Session) -> Item:
    """Return the current card."""
    assert session.current is not None, "too few cards are due for so many rounds"
    return session.current


def load(path: Path, cards: list[str]) -> None:
    """Print what opening the database and planning the day's queue take."""
    opening = [_timed(lambda: Store.open(f"sqlite:///{path}").close()) for _ in range(9)]
    print(f"open: median {median(opening):.2f} ms")
    with Store.open(f"sqlite:///{path}") as store:
        steps: dict[str, Callable[[], object]] = {
            "records": store.records,
            "standings": store.standings,
            "done_on": lambda: store.done_on(TODAY),
            "queue": lambda: planned(store, cards, Limits()),
            "history": lambda: store.history(cards[7]),
        }
        for name, step in steps.items():
            times = [_timed(step) for _ in range(9)]
            print(f"{name}: median {median(times):.1f} ms, max {max(times):.1f} ms")


def _timed(step: Callable[[], object]) -> float:
    start = time.perf_counter()
    step()
    return (time.perf_counter() - start) * 1000


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
