"""zoo/speed.py, and that the store keeps what it measured."""

from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest

from zoo.members import store as speed
from zoo.members.member import PREDICTION_BATCH, Member
from zoo.members.store import Store, images_per_second, in_turn


class Watched:
    """A member that notes how many images it is shown at a time."""

    name = "watched"

    def __init__(self):
        self.batches = []

    def opened(self):
        return nullcontext()

    def logits(self, images):
        self.batches.append(len(images))
        return np.zeros((len(images), 3), np.float32)


@pytest.fixture
def clock(monkeypatch):
    """A clock by which the first timed batch takes 4 seconds, the next 2 and the last 3."""
    times = iter([0, 4, 10, 12, 20, 23])
    monkeypatch.setattr(speed, "perf_counter", lambda: next(times))


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("count", [5, 96])
def test_the_fastest_of_three_full_batches_counts_and_the_first_is_not_timed(blobs, count):
    member = Watched()
    assert images_per_second(member, blobs.subset(np.arange(count))) == PREDICTION_BATCH / 2
    assert member.batches == [PREDICTION_BATCH] * 4


def test_one_after_another_times_add_up():
    assert in_turn([100.0, 50.0]) == pytest.approx(100 / 3)
    assert in_turn([100.0, None]) is None
    assert in_turn([]) is None


@pytest.fixture
def measured(monkeypatch):
    """How often a speed was measured."""
    calls = []
    monkeypatch.setattr("zoo.members.store.images_per_second", lambda *_: calls.append(1) or 12.5)
    return calls


def test_a_speed_is_measured_once_and_found_by_another_store(blobs, tmp_path, measured):
    store = Store(tmp_path)
    assert store.find_speed("key") is None
    assert store.speed("key", Watched(), blobs) == store.speed("key", Watched(), blobs) == 12.5
    assert Store(tmp_path).find_speed("key") == 12.5
    assert len(measured) == 1


def test_a_speed_of_a_member_that_is_not_kept_stays_in_memory(blobs, tmp_path, measured):
    store = Store(tmp_path / "absent")
    store.unkept["key"] = SimpleNamespace()
    store.speed("key", Watched(), blobs)
    assert store.speed("key", Watched(), blobs) == 12.5
    assert len(measured) == 1
    assert not store.root.exists()


@pytest.mark.parametrize("text", ["", "[]", '{"images_per_second": null}', '{"seconds": 1}'])
def test_a_file_of_something_else_is_as_good_as_none(tmp_path, text):
    folder = tmp_path / "members" / "key"
    folder.mkdir(parents=True)
    (folder / "speed.json").write_text(text)
    assert Store(tmp_path).find_speed("key") is None


def test_a_member_that_is_made_again_is_measured_again(tmp_path, tiny, blobs, measured):
    from zoo import build

    store, member = Store(tmp_path), build(tiny, 3, image_size=16, weights=None)
    store.keep("key", member)
    store.speed("key", member, blobs)
    store.keep("key", Member.load(store.members / "key"))
    assert store.find_speed("key") is None
