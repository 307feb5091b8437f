"""zoo/html_report/sections/segments.py: what a person is told of kinds of images that go wrong."""

from types import SimpleNamespace

import numpy as np
import pytest

from zoo.html_report.blocks import Pictures, Text
from zoo.html_report.sections.segments import section

ROWS = 400


def findings(wrong):
    random = np.random.default_rng(0)
    levels = random.integers(30, 220, ROWS)
    noise = random.integers(-20, 20, (ROWS, 12, 12, 3))
    images = np.clip(levels[:, None, None, None] + noise, 0, 255).astype(np.uint8)
    wrong = wrong(images.mean(axis=(1, 2, 3)), random)
    return SimpleNamespace(
        labels=np.zeros(ROWS, int),
        predicted=wrong.astype(int),
        classes=("a", "b"),
        probabilities=np.tile([0.4, 0.6], (ROWS, 1)),
        right=~wrong,
        pixels=lambda rows: images[np.asarray(rows)],
        sides=None,
        groups=None,
        seed=0,
        origin=str,
    )


def told(made):
    return " ".join(block.text for block in made.blocks if isinstance(block, Text))


def test_a_weak_segment_is_told_and_its_errors_are_shown():
    dark = findings(lambda brightness, random: (brightness < 80) & (random.random(ROWS) < 0.8))
    made = section(dark)
    shown = [block for block in made.blocks if isinstance(block, Pictures)]
    assert shown
    assert all(block.title.removeprefix("The surest errors with ") in told(made) for block in shown)
    assert all(picture.wrong for block in shown for picture in block.pictures)
    assert "indices" not in made.numbers["segments"][0]


def test_noise_is_told_to_be_none():
    made = section(findings(lambda brightness, random: random.random(ROWS) < 0.1))
    assert "No kind of image" in told(made)
    assert not any(isinstance(block, Pictures) for block in made.blocks)


@pytest.mark.parametrize("value", [False, True])
def test_all_right_or_all_wrong_has_no_kinds(value):
    assert "Nothing tells" in told(section(findings(lambda brightness, random: np.full(ROWS, value))))
