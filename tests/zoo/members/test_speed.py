"""How many images/s a member predicts: measured while it predicts, and kept by the store."""

from types import SimpleNamespace

import numpy as np
import pytest

from zoo import build
from zoo.data import batches
from zoo.members.member import Member
from zoo.members.prediction import PREDICTION_BATCH
from zoo.members.store import Store, in_turn


@pytest.fixture
def member(tiny):
    return build(tiny, 3, image_size=16, weights=None)


@pytest.fixture
def clock(monkeypatch):
    """A clock by which the first batch takes 4 seconds, the next 2 and the last 3."""
    times = iter([0, 4, 10, 12, 20, 23])
    monkeypatch.setattr(batches, "perf_counter", lambda: next(times))


@pytest.mark.usefixtures("clock")
def test_the_fastest_batch_counts_and_the_first_is_not_timed(blobs, member):
    many = blobs.subset(np.arange(2 * PREDICTION_BATCH + 5) % len(blobs))
    logits, speed = member.timed_logits(many)
    assert logits.shape == (len(many), 3)
    assert speed == PREDICTION_BATCH / 2


@pytest.mark.usefixtures("clock")
def test_the_only_batch_is_predicted_twice(blobs, member):
    assert member.timed_logits(blobs.subset(np.arange(5)))[1] == 5 / 2


def test_one_after_another_times_add_up():
    assert in_turn([100.0, 50.0]) == pytest.approx(100 / 3)
    assert in_turn([100.0, None]) is None
    assert in_turn([]) is None


@pytest.mark.fits
def test_a_speed_is_measured_with_the_first_logits_and_found_by_another_store(blobs, tmp_path, member):
    store = Store(tmp_path)
    store.keep("key", member)
    assert store.find_speed("key") is None
    store.logits("key", blobs)
    speed = store.find_speed("key")
    assert speed > 0
    store.logits("key", blobs.subset(np.arange(5)))
    assert Store(tmp_path).find_speed("key") == speed


def test_a_speed_of_a_member_that_is_not_kept_stays_in_memory(tmp_path):
    store = Store(tmp_path / "absent")
    store.in_memory["key"] = SimpleNamespace()
    store.keep_speed("key", 12.5)
    store.keep_speed("key", None)
    assert store.find_speed("key") == 12.5
    assert not store.root.exists()


@pytest.mark.parametrize("text", ["", "[]", '{"images_per_second": null}', '{"seconds": 1}'])
def test_a_file_of_something_else_is_as_good_as_none(tmp_path, text):
    folder = tmp_path / "members" / "key"
    folder.mkdir(parents=True)
    (folder / "speed.json").write_text(text)
    assert Store(tmp_path).find_speed("key") is None


@pytest.mark.fits
def test_a_member_that_is_made_again_is_measured_again(tmp_path, blobs, member):
    store = Store(tmp_path)
    store.keep("key", member)
    store.logits("key", blobs)
    store.keep("key", Member.load(store.members / "key"))
    assert store.find_speed("key") is None
