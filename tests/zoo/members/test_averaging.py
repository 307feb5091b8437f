"""The mean of several networks, as one member."""

import numpy as np
import pytest

from zoo.members.averaging import average
from zoo.members.build import build
from zoo.members.member import Member

pytestmark = pytest.mark.fits


@pytest.fixture
def pair(tiny):
    return [build(tiny, 3, image_size=16, weights=None, seed=seed) for seed in (0, 1)]


def test_it_answers_with_the_mean_of_the_logits(pair, blobs, tmp_path):
    member = average(pair, "both")
    mean = np.mean([one.logits(blobs) for one in pair], axis=0)
    np.testing.assert_allclose(member.logits(blobs), mean, atol=1e-5)
    assert member.fitted
    assert member.parameters == sum(one.parameters for one in pair)
    again = Member.load(member.save(tmp_path / "both"))
    np.testing.assert_allclose(again.logits(blobs), mean, atol=1e-5)
    assert [plan.seed for plan in again.networks] == [0, 1]
    assert again.plan is None


def test_one_alone_is_itself(pair, blobs):
    np.testing.assert_allclose(average(pair[:1], "one").logits(blobs), pair[0].logits(blobs), atol=1e-6)


def test_members_of_other_classes_are_refused(pair, tiny):
    with pytest.raises(ValueError, match=r"tiny.*\(16, 16\), 4 classes"):
        average([*pair, build(tiny, 4, image_size=16, weights=None)], "mixed")
    with pytest.raises(ValueError, match="none"):
        average([], "nobody")
