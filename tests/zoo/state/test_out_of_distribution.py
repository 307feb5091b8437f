"""Distance from the training images, live and in an export."""

import json

import numpy as np
import pytest

from ensembles.mahalanobis import FeatureDistance
from zoo import Ensemble, Recipe
from zoo.data import split
from zoo.evaluation import abstention as answers
from zoo.members.test_time_views import with_views
from zoo.state import out_of_distribution
from zoo.state.out_of_distribution import learn_out_of_distribution

pytestmark = pytest.mark.fits


@pytest.fixture(scope="module")
def splits(blobs):
    return split(blobs, validation=0.3, test=0.2)


@pytest.fixture(scope="module")
def ensemble(flat, splits, tmp_path_factory):
    recipe = Recipe(head_epochs=3, epochs=0, batch_size=16, head_learning_rate=1e-3, validate="clean")
    store = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ensembles.RULES", ("soft",))
        return Ensemble([f"{flat} x2"], recipe=recipe, uncertainty="distance", store=store).fit(splits)


@pytest.fixture(scope="module")
def strange(splits):
    """Stripes, of which there were none to train on."""
    stripes = np.zeros((12, 16, 16, 3), np.uint8)
    stripes[:, :, ::2] = 255
    return stripes


def test_it_is_the_distance_in_the_first_members_features(ensemble, splits):
    member = ensemble.members_[0]
    expected = FeatureDistance().fit(member.features(splits.train), splits.train.labels)
    scores = ensemble.answer(splits.test).uncertainty
    np.testing.assert_allclose(scores, expected.score(member.features(splits.test)), rtol=1e-5)


def test_a_member_of_many_features_gives_way(ensemble, splits, monkeypatch):
    monkeypatch.setattr(out_of_distribution, "MOST_FEATURES", 1)
    with pytest.raises(ValueError, match=r"flat.*768.*flat_2.*768"):
        out_of_distribution.learn_out_of_distribution(ensemble.members_, splits.train, splits.validation)
    monkeypatch.setattr(type(ensemble.members_[0]), "feature_count", property(lambda self: len(self.name)))
    monkeypatch.setattr(out_of_distribution, "MOST_FEATURES", len("flat"))
    assert out_of_distribution.first_describing(ensemble.members_[::-1]) == 1


def test_too_many_features_are_refused_before_anything_is_trained(flat, splits, monkeypatch, tmp_path, refused):
    monkeypatch.setattr(out_of_distribution, "MOST_FEATURES", 1)
    asked = Ensemble([flat], uncertainty="distance", store=tmp_path)
    for call in (asked.fit, asked.plan):
        with refused("distance", "768"):
            call(splits)
    assert not list(tmp_path.glob("members/*"))


def test_features_are_what_the_head_is_told(ensemble, splits):
    member = ensemble.members_[0]
    features = member.features(splits.test)
    assert features.shape == (len(splits.test), member.feature_count)
    logits = member.model.get_layer("head")(features, training=False)
    np.testing.assert_allclose(logits, member.logits(splits.test), atol=1e-4)


def test_what_was_never_seen_is_far_and_refused(ensemble, splits, strange):
    known, unknown = (ensemble.answer(images, abstain=0.3) for images in (splits.test, strange))
    assert unknown.uncertainty.min() > known.uncertainty.max()
    assert not unknown.accepted.any()


def test_the_threshold_is_chosen_by_distances_of_held_out_images(ensemble, splits):
    distances = ensemble.distribution_.score(ensemble.members_, splits.validation)
    np.testing.assert_allclose(ensemble.distribution_.held_out, distances, rtol=1e-5)
    assert answers.abstention(ensemble.state_, 0.3).threshold in ensemble.distribution_.held_out


def test_saved_and_exported_it_says_the_same(ensemble, splits, strange, tmp_path, checked_here):
    import tensorflow as tf

    live = ensemble.answer(strange).uncertainty
    loaded = Ensemble.load(ensemble.save(tmp_path / "run"))
    np.testing.assert_allclose(loaded.answer(strange).uncertainty, live, rtol=1e-6)
    path = loaded.export(tmp_path / "model", uncertainty=True)
    said = tf.saved_model.load(str(path)).signatures["serving_default"](images=tf.constant(strange))
    np.testing.assert_allclose(said["uncertainty"], live, rtol=1e-4)
    np.testing.assert_allclose(said["probabilities"], ensemble.predict_proba(strange), atol=1e-4)
    assert json.loads((path / "manifest.json").read_text())["uncertainty"]["score"] == "distance"


def test_mistakes_are_named(ensemble, splits, one_rule):
    with pytest.raises(ValueError, match=r"'distance'.*folds=3"):
        Ensemble(["simple_cnn"], uncertainty="distance", folds=3).fit(splits)
    viewed = with_views(ensemble.members_[0], "flips")
    with pytest.raises(ValueError, match=r"backbone.*'flat'"):
        viewed.features(splits.test)
    with pytest.raises(ValueError, match="uncertainty='distance'"):
        learn_out_of_distribution([viewed], splits.train, splits.validation)
    other = Ensemble(ensemble.members_, store=ensemble.store_.root).fit(splits)
    other.uncertainty = "distance"
    with pytest.raises(ValueError, match=r"uncertainty|distance"):
        other.answer(splits.test)
