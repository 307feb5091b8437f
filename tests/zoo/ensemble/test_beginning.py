"""zoo/ensemble/beginning.py: what a fit refuses, its plan refuses too, and both before a network is trained."""

import keras
import numpy as np
import pytest

from ensembles import Stacked, Weighted
from zoo import Ensemble, Recipe
from zoo.data import Splits, as_images, split

pytestmark = [pytest.mark.fits, pytest.mark.usefixtures("eagerly")]

ONCE = Recipe(head_epochs=1, epochs=0, validate="clean", augment="none")


def _adopted(value=1.0, name="theirs"):
    """A trained network: the mean of each channel is the logit of a class, times a value."""
    images, dense = keras.Input((16, 16, 3)), keras.layers.Dense(3, use_bias=False)
    model = keras.Model(images, dense(keras.layers.GlobalAveragePooling2D()(images)), name=name)
    dense.set_weights([np.eye(3) * value])
    return model


@pytest.fixture
def untrained(monkeypatch):
    """Fail where a network is trained, or its speed measured."""
    for name in ("zoo.members.snapshots.run", "zoo.planning.planner.lines_of"):
        monkeypatch.setattr(name, lambda *_, **__: pytest.fail("it has begun"))


@pytest.fixture
def splits(blobs):
    return split(blobs, validation=0.25)


def _narrow(splits):
    def narrow(part):
        return as_images(part.take(np.arange(len(part)))[:, :, :12], part.labels, part.classes)

    return Splits(**{name: narrow(part) for name, part in splits.items()})


def _lacking(splits):
    """Validation images without the last class, blue."""
    return Splits(splits.train, splits.validation.subset(splits.validation.labels < 2))


RATE = keras.callbacks.LearningRateScheduler(lambda epoch: 1e-3)
REFUSED = {
    "d4": ({"views": "d4"}, _narrow, "Expected square images"),
    "refit": ({"refit": True}, None, "Expected folds with refit"),
    "folds": ({"folds": 2, "members": ["simple_cnn", _adopted()]}, None, "yet to be trained"),
    "too many folds": ({"folds": 60}, None, "60 folds"),
    "weights": ({"method": Weighted(weights=[1, 2])}, None, "weights of 1 members"),
    "stacked": ({"method": "stacked"}, _lacking, "(no held-out image of blue)"),
    "own stacked": ({"method": Stacked(strength=1.0)}, _lacking, "(no held-out image of blue)"),
    "options": ({"method": Weighted(shrinkage=-1)}, None, "shrinkage"),
    "uncertainty": ({"uncertainty": "mutual_information"}, None, "two members or more"),
    "one left": (
        {"uncertainty": "mutual_information", "members": ["simple_cnn", _adopted(np.nan)]},
        None,
        "two members or more",
    ),
    "callbacks": ({"callbacks": [RATE]}, None, "learning rate"),
}


@pytest.mark.parametrize("call", ["plan", "fit"])
@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused_before_a_network_is_trained(name, call, splits, untrained, refused):
    options, made, words = REFUSED[name]
    own = {"members": ["simple_cnn"], "recipe": ONCE} | options
    callbacks = own.pop("callbacks", [])
    data = made(splits) if made else splits
    with refused(words):
        getattr(Ensemble(**own), call)(data, callbacks=callbacks)


@pytest.mark.parametrize("call", ["plan", "fit"])
def test_no_member_that_can_take_part_is_refused_likewise(call, splits, untrained, refused):
    with refused("Every member failed", "theirs", "NaN", error=RuntimeError):
        getattr(Ensemble([_adopted(np.nan)], recipe=ONCE), call)(splits)


@pytest.mark.parametrize("adapt", ["probe", "lora"])
def test_a_plan_refuses_members_that_could_all_not_be_trained(adapt, splits, refused):
    with refused("Every member failed", f"adapt='{adapt}'", "pretrained", error=RuntimeError):
        Ensemble([f"{adapt}:simple_cnn"], recipe=Recipe(epochs=1)).plan(splits, measure=False)


def test_a_plan_names_a_fitted_member_that_the_fit_would_refuse_and_keeps_nothing(splits, tmp_path):
    ensemble = Ensemble(["simple_cnn", _adopted(np.nan)], recipe=ONCE, store=tmp_path / "run")
    there, refused = ensemble.plan(splits, measure=False).members
    assert there.reason == ""
    assert "NaN" in refused.reason
    assert not (tmp_path / "run").exists()


def test_a_store_that_cannot_be_made_is_refused_before_images_are_read(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("zoo.ensemble.estimator.with_validation", lambda *_, **__: pytest.fail("it has begun"))
    for call in ("plan", "fit"):
        with pytest.raises(OSError, match="is no folder"):
            getattr(Ensemble(["simple_cnn"], store=tmp_path / "file" / "run"), call)("images/")
