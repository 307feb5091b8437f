"""A small ensemble, trained once, and what it is written as."""

import pytest

from zoo import Ensemble, Recipe
from zoo.data import split
from zoo.models.spec import Plan


@pytest.fixture(scope="package")
def splits(blobs):
    return split(blobs, validation=0.25)


@pytest.fixture(scope="package")
def ensemble(splits, tmp_path_factory):
    members = ["simple_cnn", Plan(backbone="simple_cnn_regularized", name="filtered", high_pass=True, resize=24)]
    recipe = Recipe(head_epochs=3, epochs=0, batch_size=16, head_learning_rate=3e-3)
    return Ensemble(members, recipe=recipe, store=tmp_path_factory.mktemp("store")).fit(splits)


@pytest.fixture(scope="package")
def exported(ensemble, tmp_path_factory):
    return ensemble.export(tmp_path_factory.mktemp("exported") / "model")
