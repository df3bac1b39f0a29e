"""Results are kept for the next try, and forgotten before they weigh."""

from studykit.running.jobs import Ending, Outcome
from studykit.running.keeping import Keeper, Kept

DONE = Outcome(Ending.DONE)


def test_what_was_kept_is_found() -> None:
    keeper = Keeper()
    kept = Kept(DONE, (b"x",))
    assert keeper.get("a") is None
    assert keeper.keep("a", kept) is kept
    assert keeper.get("a") is kept


def test_what_was_used_longest_ago_is_forgotten_first() -> None:
    keeper = Keeper()
    for number in range(64):
        keeper.keep(number, Kept(DONE))
    keeper.get(0)
    keeper.keep("new", Kept(DONE))
    assert keeper.get(0) is not None
    assert keeper.get(1) is None


def test_large_results_push_others_out_but_not_themselves() -> None:
    keeper = Keeper()
    keeper.keep("small", Kept(DONE, (b"x",)))
    large = Kept(DONE, (bytes(65 * 2**20),))
    keeper.keep("large", large)
    assert keeper.get("small") is None
    assert keeper.get("large") is large
    keeper.keep("large", Kept(DONE))
    keeper.keep("small", Kept(DONE))
    assert keeper.get("large") is not None
