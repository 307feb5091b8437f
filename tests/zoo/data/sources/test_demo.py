"""zoo/data/sources/demo.py."""

from functools import partial

import numpy as np

from zoo.data import load
from zoo.data.loading import list_images
from zoo.data.sources import demo


def test_the_images_to_predict_are_those_that_have_labels(monkeypatch):
    monkeypatch.setattr(demo, "smears", partial(demo.smears, 64))
    listed, labelled = list_images("demo"), load("demo").train
    assert len(listed) == len(labelled)
    np.testing.assert_array_equal(np.stack([listed.images[row] for row in (0, 5)]), labelled.take([0, 5]))


def test_the_demos_classes_are_matched_by_name(monkeypatch, refused):
    monkeypatch.setattr(demo, "smears", partial(demo.smears, 64))
    own = load("demo").train
    turned = load("demo", classes=own.classes[::-1]).train
    assert [turned.classes[label] for label in turned.labels] == [own.classes[label] for label in own.labels]
    with refused("cat", "platelet"):
        load("demo", classes=["cat", "dog"])


def test_the_demo_comes_in_any_size_and_fit(monkeypatch):
    monkeypatch.setattr(demo, "smears", partial(demo.smears, 64))
    drawn, padded = load("demo", image_size=32).train, load("demo", image_size=(32, 64), fit="pad").train
    rows = np.arange(3)
    np.testing.assert_array_equal(padded.take(rows)[:, :, 16:48], drawn.take(rows))
    assert (padded.take(rows)[:, :, :16] == 255).all()
    assert load("demo", image_size=8).train.image_size == (8, 8)
