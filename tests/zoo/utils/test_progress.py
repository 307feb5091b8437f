"""zoo/utils/progress.py, and the lines and bars that are made of it."""

import io
import logging
import sys
import time
from types import SimpleNamespace

import pytest
from rich.console import Console

from zoo.planning.watching import shown, wanted
from zoo.report import bars, progress_lines
from zoo.report.progress_lines import Lines
from zoo.utils import progress


class Seen:
    def __init__(self):
        self.events = []

    def begin(self, counter):
        self.events.append(("begin", counter.label))

    def end(self, counter):
        self.events.append(("end", counter.label, counter.done))

    def finish(self, owner):
        self.events.append(("finish", owner))


@pytest.fixture
def seen():
    watcher = Seen()
    with progress.watched(watcher):
        yield watcher


def test_phases_begin_count_and_end(seen):
    assert list(progress.track("abc", "reading", 3, "letters", owner="net")) == ["a", "b", "c"]
    assert seen.events == [("begin", "net, reading"), ("end", "net, reading", 3)]


def test_rows_are_counted(seen):
    assert sum(map(len, progress.counted([[1, 2], [3]], "rows", 3, "rows"))) == 3
    assert seen.events[-1] == ("end", "rows", 3)


def test_a_phase_that_fails_ends(seen):
    with pytest.raises(ZeroDivisionError):
        list(progress.track((1 / number for number in (1, 0)), "work", 2))
    assert seen.events[-1] == ("end", "work", 1)


def test_nothing_is_done_more_often_than_there_is():
    with progress.phase("work", 2) as counter:
        counter.advance(5)
        assert (counter.done, counter.fraction, counter.left) == (2, 1.0, 0.0)


def test_what_is_hidden_is_not_seen(seen):
    with progress.hidden(), progress.phase("rehearsal"):
        assert not progress.is_watched()
    assert progress.is_watched()
    assert seen.events == []


def test_a_long_phase_is_told_of_and_a_short_one_is_not(monkeypatch, caplog):
    now = [0.0]
    for module in (progress, progress_lines):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    lines = Lines(lambda: "(run: 3%)")
    with (
        caplog.at_level(logging.INFO, logger="zoo"),
        progress.watched(lines),
        progress.phase("decoding", 100, "images") as counter,
    ):
        for second in range(1, 50):
            now[0] = float(second)
            counter.advance()
            lines.tick()
    assert [record.message.split(",")[0] for record in caplog.records] == [
        "decoding: 5 of 100 images",
        "decoding: 35 of 100 images",
    ]
    assert "left  (run: 3%)" in caplog.records[0].message


def test_bars_show_the_present_phase():
    file = io.StringIO()
    with (
        shown(Console(file=file, force_terminal=True, width=120)),
        progress.phase("decoding", 200, "images") as counter,
    ):
        counter.advance(50)
        time.sleep(0.6)  # there are some drawings a second
    assert "50/200 images" in file.getvalue()


def test_a_notebook_shows_text_that_is_replaced(monkeypatch):
    texts = []
    handle = SimpleNamespace(update=lambda data, raw: texts.append(data["text/plain"]))
    fake = SimpleNamespace(display=lambda data, raw, display_id: handle)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(display=fake))
    monkeypatch.setitem(sys.modules, "IPython.display", fake)
    drawn = bars.Bars()
    with progress.watched(drawn), progress.phase("decoding", 200, "images") as counter, bars.in_notebook(drawn):
        counter.advance(50)
    assert "50/200 images" in texts[-1]


def test_progress_is_shown_where_it_is_wanted(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    for choice, watched in ((None, False), (False, False), (True, True)):
        with wanted(choice):
            assert progress.is_watched() is watched
    with shown(Console(file=io.StringIO())) as own, wanted(None) as inner:
        assert inner is own


def test_slow_first_units_say_nothing_of_the_time_that_is_left(monkeypatch):
    now = iter([0.0, 30.0, 31.0, 31.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(now))
    counter = progress.Counter("fine-tuning", 100, "steps", "")
    counter.advance()  # half a minute of tracing
    assert counter.left is None
    counter.advance(10)
    assert counter.left == pytest.approx(89 * 0.1)


def test_earlier_work_says_nothing_of_the_time_that_is_left(monkeypatch):
    now = iter([0.0, 1.0, 2.0, 3.0, 4.0, 4.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(now))
    counter = progress.Counter("fine-tuning", 100, "steps", "")
    counter.start_at(90)
    assert counter.left is None
    counter.advance()
    counter.advance()
    assert counter.left == pytest.approx(8)
