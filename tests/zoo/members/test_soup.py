"""One network of the mean weights."""

import keras
import numpy as np
import pytest

from ensembles.metrics import log_loss
from zoo.members.build import build
from zoo.members.member import Member
from zoo.members.soup import soup
from zoo.models.from_keras import reordered

pytestmark = pytest.mark.fits


@pytest.fixture
def members(tiny):
    return [build(tiny, 3, image_size=16, weights=None, seed=seed) for seed in (0, 1, 2)]


def test_every_weight_is_the_mean(members, blobs):
    mixed = soup(members)
    for own, *others in zip(*(one.model.get_weights() for one in (mixed, *members)), strict=True):
        np.testing.assert_allclose(own, np.mean(others, axis=0), atol=1e-6)
    assert mixed.parameters == members[0].parameters
    assert mixed.name == "soup"
    assert mixed.fitted


def test_the_members_stay_as_they_are(members, blobs):
    before = members[0].logits(blobs)
    soup(members)
    np.testing.assert_array_equal(members[0].logits(blobs), before)


def test_the_greedy_soup_is_no_worse_than_its_best_member(members, blobs):
    losses = [log_loss(member.logits(blobs), blobs.labels) for member in members]
    assert log_loss(soup(members, blobs).logits(blobs), blobs.labels) <= min(losses) + 1e-6


def test_what_makes_it_worse_stays_out(members, blobs):
    best, poison = members[0], members[1]
    poison.model.set_weights([100 * weight for weight in poison.model.get_weights()])
    np.testing.assert_allclose(soup([poison, best], blobs).logits(blobs), best.logits(blobs), atol=1e-6)


def test_mistakes_are_named(members, tiny):
    with pytest.raises(ValueError, match=r"members.*1"):
        soup(members[:1])
    other = build("simple_cnn", 3, image_size=16)
    with pytest.raises(ValueError, match=r"'tiny'.*simple_cnn"):
        soup([members[0], other])


def _dilated(images, rate):
    x = keras.layers.Conv2D(4, 3, padding="same", dilation_rate=rate)(keras.layers.Rescaling(1.0)(images))
    return keras.layers.Dense(3)(keras.layers.GlobalAveragePooling2D()(x))


def test_networks_whose_weights_mean_other_things_are_refused(members):
    images = keras.Input((16, 16, 3), dtype="uint8")
    wide, narrow = (Member(f"dilated_{rate}", model=keras.Model(images, _dilated(images, rate))) for rate in (1, 2))
    with pytest.raises(ValueError, match=r"dilated_2 differ"):
        soup([wide, narrow])
    turned = Member("turned", model=reordered(members[1].model, [1, 0, 2]))
    with pytest.raises(ValueError, match=r"turned differ in their layers"):
        soup([members[0], turned])
