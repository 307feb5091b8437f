"""Views at test time, inside the graph."""

import numpy as np
import pytest

from zoo.members.build import build
from zoo.members.member import Member
from zoo.members.test_time_views import with_views

pytestmark = pytest.mark.fits


@pytest.fixture
def member(tiny):
    return build(tiny, 3, image_size=16, weights=None)


def views(pixels, count):
    turned = [np.rot90(pixels, turns, axes=(1, 2)) for turns in range(4)]
    if count == 4:
        return [pixels, pixels[:, ::-1], pixels[:, :, ::-1], pixels[:, ::-1, ::-1]]
    return turned + [view[:, :, ::-1] for view in turned]


@pytest.mark.parametrize(("symmetries", "count"), [("flips", 4), ("d4", 8)])
def test_it_answers_with_the_mean_over_all_views(member, blobs, symmetries, count, tmp_path):
    expected = np.mean([member.logits(np.ascontiguousarray(view)) for view in views(blobs.pixels, count)], axis=0)
    viewed = with_views(member, symmetries)
    np.testing.assert_allclose(viewed.logits(blobs), expected, atol=1e-5)
    assert viewed.parameters == member.parameters
    np.testing.assert_allclose(Member.load(viewed.save(tmp_path / "viewed")).logits(blobs), expected, atol=1e-5)


def test_a_turned_picture_gets_the_same_answer(member, blobs):
    viewed = with_views(member, "d4")
    turned = np.ascontiguousarray(np.rot90(blobs.pixels, axes=(1, 2)))
    np.testing.assert_allclose(viewed.logits(turned), viewed.logits(blobs), atol=1e-5)
    assert np.abs(member.logits(turned) - member.logits(blobs)).max() > 1e-3


def test_mistakes_are_named(member, tiny):
    with pytest.raises(ValueError, match=r"flips, d4.*'turns'"):
        with_views(member, "turns")
    with pytest.raises(ValueError, match=r"'d4'.*\(16, 24\).*'flips'"):
        with_views(build(tiny, 3, image_size=(16, 24), weights=None), "d4")
