import re

import pytest

from zoo.members.entrants import Defaults, enter
from zoo.models.head import Head
from zoo.models.plan import Plan

DEFAULTS = Defaults(Head(), None, None, 7)


def test_a_name_becomes_a_complete_plan(blobs):
    (plan,) = enter(["simple_cnn"], DEFAULTS, blobs)
    assert plan == Plan(backbone="simple_cnn", classes=3, image_size=16, weights=None, seed=7)


@pytest.mark.parametrize(("backbone", "size"), [("mobilenet_v2", (32, 32)), ("inception_v3", (80, 80))])
def test_images_too_small_for_a_backbone_are_enlarged_by_a_whole_factor(blobs, caplog, backbone, size):
    with caplog.at_level("INFO", logger="zoo"):
        (plan,) = enter([backbone], DEFAULTS, blobs)
    assert plan.resize == size
    assert re.search(rf"\(16, 16\).*{re.escape(str(size))}", caplog.text)


def test_a_size_that_was_chosen_stays(blobs):
    (plan,) = enter([Plan(backbone="mobilenet_v2", resize=48)], DEFAULTS, blobs)
    assert plan.resize == (48, 48)


def test_one_name_several_times_gets_a_seed_each(blobs):
    plans = enter(["simple_cnn"] * 3, DEFAULTS, blobs)
    assert [(plan.name, plan.seed) for plan in plans] == [
        ("simple_cnn", 7),
        ("simple_cnn_2", 8),
        ("simple_cnn_3", 9),
    ]
