"""zoo/explanation/parts.py: maps of means over folds and views, turned back."""

import numpy as np
import pytest

from zoo.explanation.activation_maps import activation_maps
from zoo.explanation.ensemble_maps import one_hot
from zoo.explanation.parts import Part, parts_of
from zoo.members.averaging import average
from zoo.members.member import Member
from zoo.members.test_time_views import with_views
from zoo.models.cloning import clone
from zoo.models.from_keras import reordered

pytestmark = pytest.mark.fits


def member(model, name="one"):
    return Member(name, model=model)


def test_a_plain_network_is_its_only_part(reddest):
    (part,) = parts_of(reddest)
    assert part.model is reddest
    assert not part.transposed
    assert part.flips == ()


@pytest.mark.parametrize(("transposed", "flips"), [(False, (1,)), (True, ()), (True, (2,)), (True, (1, 2))])
def test_what_is_turned_is_turned_back(reddest, transposed, flips):
    part = Part(reddest, transposed, flips)
    images = np.random.default_rng(0).integers(0, 255, (2, 6, 6, 3))
    np.testing.assert_array_equal(part.turn_back(part.turn(images)[..., 0]), images[..., 0])


@pytest.mark.parametrize(("views", "count"), [("flips", 4), ("d4", 8)])
def test_views_of_a_network_that_does_not_mind_them_give_its_map(reddest, marked, views, count):
    images, labels, _ = marked
    viewed = with_views(member(reddest), views).model
    assert len(parts_of(viewed)) == count
    wanted = one_hot(labels[:4], 3)
    maps = [activation_maps(model, images[:4], wanted, method="gradcam") for model in (reddest, viewed)]
    np.testing.assert_allclose(maps[1], maps[0], rtol=1e-4, atol=1e-6)


def test_a_mean_over_folds_has_the_mean_of_their_maps(reddest, marked):
    images, labels, _ = marked
    other = clone(reddest)
    other.set_weights([3 * weight for weight in reddest.get_weights()])
    mean = average([member(reddest), member(other, "two")], "both").model
    wanted = one_hot(labels[:4], 3)
    maps = [activation_maps(model, images[:4], wanted, method="gradcam") for model in (reddest, other, mean)]
    np.testing.assert_allclose(maps[2], (maps[0] + maps[1]) / 2, rtol=1e-4)


def test_views_of_a_mean_are_views_of_each(reddest):
    mean = average([member(reddest), member(clone(reddest), "two")], "both")
    parts = parts_of(with_views(mean, "flips").model)
    assert sorted(part.flips for part in parts) == sorted(2 * [(), (1,), (2,), (1, 2)])


@pytest.mark.parametrize("whole", ["views", "mean", "views of a mean", "mean of views"])
def test_classes_in_another_order_have_the_same_maps(reddest, marked, whole):
    images, labels, _ = marked
    other = clone(reddest)
    other.set_weights([2 * weight for weight in reddest.get_weights()])
    networks = [member(reddest), member(other, "two")]
    made = {
        "views": lambda: with_views(networks[0], "flips"),
        "mean": lambda: average(networks, "both"),
        "views of a mean": lambda: with_views(average(networks, "both"), "flips"),
        "mean of views": lambda: average([with_views(one, "flips") for one in networks], "both"),
    }[whole]()
    order = [2, 0, 1]
    moved = reordered(reordered(made.model, [1, 0, 2]), [2, 1, 0])  # which is 2, 0, 1 of the first
    wanted = one_hot(labels[:4], 3)
    maps = activation_maps(made.model, images[:4], wanted, method="gradcam")
    np.testing.assert_allclose(
        activation_maps(moved, images[:4], wanted[:, order], method="gradcam"), maps, rtol=1e-4, atol=1e-6
    )
