"""Views are taken where they surely help, and left where they do not."""

import numpy as np
import pytest

from ensembles.bootstrap import Interval
from zoo import Ensemble, Recipe
from zoo.data import Splits, as_images
from zoo.members.held_out import validation_of
from zoo.members.test_time_views import Gain, gain_of_views


@pytest.mark.parametrize(
    ("high", "accuracy", "helps"), [(-0.01, 0.02, True), (-0.01, 0.0, True), (0.01, 0.02, False), (-0.01, -0.01, False)]
)
def test_they_help_if_the_loss_surely_falls_and_no_accuracy_is_lost(high, accuracy, helps):
    gain = Gain(Interval(-0.05, -0.1, high), Interval(accuracy, -1, 1))
    assert gain.helps is helps
    assert str(gain).endswith("taken" if helps else "left")


class Store:
    """Answers of two networks, by key."""

    def __init__(self, logits):
        self.logits_of = logits

    def member(self, key):
        return None

    def logits(self, key, images):
        return self.logits_of[key]


def test_a_gain_is_measured_on_held_out_images(blobs):
    random = np.random.default_rng(0)
    noisy = random.normal(size=(96, 3)).astype(np.float32)
    better = noisy + 2 * np.eye(3, dtype=np.float32)[blobs.labels]
    held_out = validation_of(Splits(blobs, blobs))
    store = Store({"plain": noisy, "viewed": better, "scaled": 3 * better})
    assert gain_of_views(["plain"], ["viewed"], held_out, store).helps
    assert not gain_of_views(["viewed"], ["plain"], held_out, store).helps
    nothing = gain_of_views(["viewed"], ["scaled"], held_out, store)
    assert nothing.log_loss.value == pytest.approx(0, abs=1e-4)
    assert not nothing.helps


@pytest.mark.fits
def test_an_ensemble_says_what_views_changed(flat, blobs, tmp_path, one_rule):
    """Where left and right are classes, an image flipped is another class, and views do harm."""
    pixels = np.zeros((60, 16, 16, 3), np.uint8)
    labels = np.arange(60) % 2
    pixels[labels == 0, :, :8] = 200
    pixels[labels == 1, :, 8:] = 200
    pixels += np.random.default_rng(0).integers(0, 50, pixels.shape).astype(np.uint8)
    recipe = Recipe(head_epochs=4, epochs=0, head_learning_rate=3e-3, augment="none", batch_size=8)
    sides = as_images(pixels, labels, ("left", "right"))
    ensemble = Ensemble([flat], recipe=recipe, views="flips", store=tmp_path).fit(sides)
    assert ensemble.gains_[flat].log_loss.value > 0
    assert not ensemble.gains_[flat].helps
    assert ensemble.members_[0].plan is not None
    assert Ensemble.load(ensemble.save(tmp_path / "saved")).gains_ == ensemble.gains_
    with pytest.raises(ValueError, match=r"flips, d4.*'all'"):
        Ensemble(["simple_cnn"], views="all", store=tmp_path).plan(sides)
