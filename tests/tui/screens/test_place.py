"""Getting things beside the screen: one thread, the last request alone."""

from threading import Event, active_count

from studykit.tui.screens.place import Fetch


async def test_requests_that_overtake_one_another_share_a_thread_and_the_last_is_heard(desk):
    gate, began, heard, ran = Event(), Event(), [], []

    def work(number):
        ran.append(number)
        began.set()
        assert gate.wait(30)
        return number

    async with desk.open():
        await desk.press("escape")
        fetch = Fetch(desk.app.screen, heard.append, "It cannot be read")
        fetch.start(lambda: work(0))
        await desk.wait_until(began.is_set)
        threads = active_count()
        for number in range(1, 20):
            fetch.start(lambda number=number: work(number))
        await desk.pilot.pause()
        assert active_count() <= threads
        gate.set()
        await desk.settle()
    assert ran == [0, 19]
    assert heard == [19]


async def test_a_result_may_ask_for_more(desk):
    heard = []

    def done(number):
        heard.append(number)
        if number < 3:
            fetch.start(lambda: number + 1)

    async with desk.open():
        await desk.press("escape")
        fetch = Fetch(desk.app.screen, done, "It cannot be read")
        fetch.start(lambda: 1)
        await desk.wait_until(lambda: len(heard) == 3)
        await desk.settle()
    assert heard == [1, 2, 3]


async def test_what_comes_after_the_screen_is_gone_is_not_heard(desk):
    gate, heard = Event(), []
    async with desk.open():
        await desk.press("escape", "b")
        await desk.settle()
        fetch = Fetch(desk.app.screen, heard.append, "It cannot be read")
        fetch.start(lambda: gate.wait(30))
        await desk.press("escape")
        gate.set()
        await desk.wait_until(lambda: not fetch._busy)
    assert heard == []
