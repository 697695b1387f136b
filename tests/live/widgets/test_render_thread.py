"""One thread draws; what it draws is the newest, and what goes wrong is drawn too."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from helpers.live.widgets.render_thread import RenderThread, render_thread
from tests.waiting import patience, wait_for

ROOT = Path(__file__).parents[3]


class Paper:
    """A view that keeps what is drawn on it, and on which thread."""

    def __init__(self):
        self.drawn, self.errors, self.threads, self.beats = [], [], set(), 0

    def draw(self, value):
        self.threads.add(threading.current_thread().name)
        if value == "unfit":
            raise ValueError("cannot be drawn")
        self.drawn.append(value)

    def send_heartbeat(self):
        self.beats += 1

    def failed(self, error):
        self.errors.append(error)


@pytest.fixture
def shown():
    one, paper = RenderThread("test"), Paper()
    one.show("key", paper)
    yield one, paper
    one.forget("key")


def test_ends_on_the_value_posted_last_whichever_threads_post(shown):
    one, paper = shown
    turn = threading.Lock()
    posted = []

    def many(name):
        for number in range(300):
            with turn:
                posted.append((name, number))
                one.post("key", (name, number))

    posters = [threading.Thread(target=many, args=(name,), daemon=True) for name in range(4)]
    for poster in posters:
        poster.start()
    for poster in posters:
        poster.join()
    one.wait_until_drawn()
    assert len(posted) == 1200
    assert paper.drawn[-1] == posted[-1]
    assert paper.drawn == [each for each in posted if each in set(paper.drawn)], "out of order"
    assert paper.threads == {"render-test"}


def test_a_drawing_that_fails_is_told_and_the_next_one_is_drawn(shown):
    one, paper = shown
    one.post("key", "unfit")
    one.wait_until_drawn()
    one.post("key", "fit")
    one.wait_until_drawn()
    assert [str(error) for error in paper.errors] == ["cannot be drawn"]
    assert paper.drawn == ["fit"]


def test_draws_nothing_for_a_key_that_was_forgotten(shown):
    one, paper = shown
    one.forget("key")
    one.post("key", "late")
    one.wait_until_drawn()
    assert paper.drawn == []


def test_beats_by_itself(shown):
    _one, paper = shown
    wait_for(lambda: paper.beats >= 2)


def test_waiting_says_when_drawing_does_not_end(shown):
    one, paper = shown
    go_on = threading.Event()
    paper.draw = lambda _value: go_on.wait(patience(10))
    one.post("key", "slow")
    with pytest.raises(TimeoutError, match="did not catch up"):
        one.wait_until_drawn(timeout=0.05)
    go_on.set()


def test_there_is_one_render_thread_of_a_name():
    assert render_thread("same") is render_thread("same")
    assert render_thread("same").thread.daemon


def test_nothing_is_drawn_once_it_is_stopped(shown):
    one, paper = shown
    one.post("key", 1)
    one.wait_until_drawn()
    one.stop()
    assert not one.thread.is_alive()
    beats = paper.beats
    one.post("key", 2)
    with pytest.raises(TimeoutError):
        one.wait_until_drawn(0.1)
    assert (paper.drawn, paper.beats) == ([1], beats)


def test_those_of_a_program_are_stopped_before_it_ends():
    code = """if True:
        import atexit
        atexit.register(lambda: print(thread.thread.is_alive()))  # runs last
        from helpers.live.widgets.render_thread import render_thread
        thread = render_thread()"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT) == "False\n"
