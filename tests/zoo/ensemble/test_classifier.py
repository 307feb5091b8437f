"""Ensemble as scikit-learn's tools see it."""

import keras
import numpy as np
import pytest
import sklearn
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score, cross_validate
from sklearn.utils import estimator_checks, get_tags
from sklearn.utils.validation import check_is_fitted

import ensembles
from zoo import Ensemble, Member, Recipe, build
from zoo.data import load
from zoo.models.plan import Plan

pytestmark = [pytest.mark.fits, pytest.mark.usefixtures("eagerly")]

ONE_EPOCH = Recipe(head_epochs=1, epochs=0, batch_size=16, validate="clean", augment="none")
NAMES = ("red", "green", "blue")

LABELS = {
    "numbers": np.array([7, 3, 40]),
    "strings": np.array(NAMES),
    "objects": np.array(NAMES, dtype=object),
}


@pytest.fixture(autouse=True)
def one_rule(monkeypatch):
    """The others are fitted in seconds, and say nothing more here."""
    monkeypatch.setattr(ensembles, "RULES", ("soft",))


@pytest.fixture(scope="module")
def by_colour():
    """A Keras model that needs no training: the brightest channel is the class."""
    images = keras.Input((16, 16, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 25)(images))
    return keras.Model(images, pooled, name="by_colour")


@pytest.fixture(scope="module")
def images(blobs):
    return blobs.take(np.arange(len(blobs)))


def ordered(by_colour, kinds):
    """The model with its channels in the order in which scikit-learn sorts the labels."""
    images = keras.Input((16, 16, 3))
    logits = by_colour(images)
    ranks = [logits[:, channel : channel + 1] for channel in np.argsort(kinds)]
    return keras.Model(images, keras.layers.Concatenate()(ranks), name="ordered")


@pytest.mark.parametrize("kind", LABELS)
def test_labels_come_back_as_they_were_given(kind, by_colour, images, blobs, tmp_path):
    y = LABELS[kind][blobs.labels]
    ensemble = Ensemble([ordered(by_colour, LABELS[kind])], store=tmp_path).fit(images, y)
    np.testing.assert_array_equal(ensemble.classes_, np.unique(y))
    assert ensemble.classes_.dtype == y.dtype
    assert ensemble.class_names_ == tuple(map(str, np.unique(y)))
    predicted = ensemble.predict(images)
    np.testing.assert_array_equal(predicted, y)
    assert predicted.dtype == y.dtype
    assert ensemble.score(images, y) == 1
    np.testing.assert_array_equal(ensemble.classes_[ensemble.predict_proba(images).argmax(axis=1)], y)
    loaded = Ensemble.load(ensemble.save(tmp_path / "saved"))
    np.testing.assert_array_equal(loaded.classes_, ensemble.classes_)
    np.testing.assert_array_equal(loaded.predict(images), y)
    assert loaded.predict(images).dtype == y.dtype
    assert loaded.class_names_ == ensemble.class_names_


def test_the_users_labels_are_those_of_every_table(by_colour, images, blobs, tmp_path):
    y = LABELS["numbers"][blobs.labels]
    ensemble = Ensemble([ordered(by_colour, LABELS["numbers"])], store=tmp_path).fit(images, y)
    some = np.flatnonzero(blobs.labels != 1)[:20]  # 7 and 40, which could be taken for ids only after a while
    (soft,) = (row for row in ensemble.leaderboard((images[some], y[some])) if row["name"] == "soft")
    assert soft["accuracy"] == 1
    assert ensemble.score(images[:6], [7, 3, 40, 7, 3, 99]) == pytest.approx(5 / 6)
    with pytest.raises(ValueError, match=r"3, 7, 40.*99"):
        ensemble.leaderboard((images[:6], [7, 3, 40, 7, 3, 99]))
    assert ensemble.score(ensemble.validation_) == 1


def test_a_subclass_is_scored_by_its_own_logits(by_colour, images, blobs, tmp_path):
    class Turned(Ensemble):
        def logits(self, images):
            return -super().logits(images)

    fitted = Turned([ordered(by_colour, LABELS["numbers"])], store=tmp_path).fit(
        images, LABELS["numbers"][blobs.labels]
    )
    assert fitted.score(images, LABELS["numbers"][blobs.labels]) == 0


def test_a_source_that_names_its_classes_is_answered_with_ids(by_colour, blobs, tmp_path):
    ensemble = Ensemble([by_colour], store=tmp_path).fit(blobs)
    assert ensemble.classes_.tolist() == list(NAMES)
    assert ensemble.class_names_ == NAMES
    assert ensemble.predict(blobs).dtype == np.int64
    np.testing.assert_array_equal(ensemble.predict(blobs), blobs.labels)


def test_a_run_of_before_there_were_labels_is_read(by_colour, images, blobs, tmp_path):
    from zoo.utils.files import read_json, write_json

    saved = Ensemble([by_colour], store=tmp_path).fit(images, blobs.labels).save(tmp_path / "saved")
    record = read_json(saved / "ensemble.json")
    assert record.pop("labels")["values"] == [0, 1, 2]
    del record["seal"]  # which format 3 did not have
    write_json(saved / "ensemble.json", record | {"format": 3})
    loaded = Ensemble.load(saved)
    assert loaded.classes_.tolist() == ["0", "1", "2"]
    np.testing.assert_array_equal(loaded.predict(images), blobs.labels)


def test_mistakes_are_named(images, blobs):
    ensemble = Ensemble(["simple_cnn"])
    with pytest.raises(ValueError, match="requires y to be passed, but the target y is None"):
        ensemble.fit(images)
    with pytest.raises(ValueError, match=r"96 images.*95 labels"):
        ensemble.fit(images, blobs.labels[:-1])
    with pytest.raises(TypeError, match=r"tuple.*fit\(\(images, labels\), validation\)"):
        ensemble.fit(images, (images, blobs.labels))
    with pytest.raises(ValueError, match="continuous"):
        ensemble.fit(images, np.linspace(0, 1, 96))
    with pytest.raises(ValueError, match=r"\(N, H, W, 3\).*\(96, 4\)"):
        ensemble.fit(np.zeros((96, 4)), blobs.labels)


@pytest.mark.parametrize("kind", [ensembles.NotFittedError, NotFittedError, RuntimeError, ValueError])
def test_not_fitted_is_known_by_its_name_here_and_there(kind, images):
    ensemble = Ensemble(["simple_cnn"])
    with pytest.raises(kind, match=r"fit\("):
        ensemble.predict(images)
    assert not hasattr(ensemble, "classes_")
    with pytest.raises(NotFittedError):
        check_is_fitted(ensemble)


def test_fitted_and_loaded_it_is_fitted(by_colour, blobs, tmp_path):
    ensemble = Ensemble([by_colour], store=tmp_path).fit(blobs)
    check_is_fitted(ensemble)
    check_is_fitted(Ensemble.load(ensemble.save(tmp_path)))


def test_tags_say_a_classifier_of_what_is_no_table():
    tags = get_tags(Ensemble(["simple_cnn"]))
    assert is_classifier(Ensemble(["simple_cnn"]))
    assert tags.classifier_tags.multi_class
    assert tags.target_tags.required
    assert not tags.input_tags.two_d_array
    assert tags.input_tags.positive_only


def test_it_is_shown_with_what_was_chosen(by_colour):
    ensemble = Ensemble(["simple_cnn", by_colour, Member.from_keras(by_colour)], method="weighted")
    assert repr(ensemble).startswith("Ensemble(members=['simple_cnn', <Functional name=by_colour")
    assert "method='weighted'" in repr(ensemble)
    assert "by_colour" in ensemble._repr_html_()
    assert ensemble._repr_mimebundle_()["text/html"] == ensemble._repr_html_()  # which notebooks ask for first
    assert "rule_" in dir(Ensemble(["simple_cnn"], method="stackd"))  # BaseEstimator's dir would look it up, and raise


def test_only_the_options_of_a_fit_are_routed():
    with sklearn.config_context(enable_metadata_routing=True):
        ensemble = Ensemble(["simple_cnn"]).set_fit_request(callbacks=True)
        routed = {"callbacks": True, "progress": None, "on_kept": None}
        assert ensemble.get_metadata_routing().fit.requests == routed
        assert clone(ensemble).get_metadata_routing().fit.requests == routed
        for method in ("predict", "predict_proba", "score"):
            assert getattr(ensemble.get_metadata_routing(), method).requests == {}


def test_a_clone_has_the_parameters_and_shares_the_members(by_colour, tmp_path):
    trained = Member.from_keras(by_colour, name="theirs")
    members = ["simple_cnn x2", Plan(backbone="simple_cnn"), build("simple_cnn", 3), trained, by_colour]
    ensemble = Ensemble(members, method="weighted", recipe=ONE_EPOCH, store=tmp_path, seed=3)
    twin = clone(ensemble)
    assert type(twin) is Ensemble
    assert twin.get_params() | {"members": None} == ensemble.get_params() | {"members": None}
    assert all(one is other for one, other in zip(twin.members, members, strict=True))
    twin.members.append("simple_cnn")
    assert len(ensemble.members) == len(members) == 5


def test_a_clone_of_a_fitted_one_is_not_fitted_and_finds_the_same_members(by_colour, blobs, tmp_path):
    members = [by_colour, Member.from_keras(by_colour, name="theirs")]
    ensemble = Ensemble(members, store=tmp_path).fit(blobs)
    again = clone(Ensemble(ensemble.members_, store=tmp_path))
    twin = clone(ensemble)
    assert not hasattr(twin, "rules_")
    for other in (twin, again):
        assert sorted(other.fit(blobs).keys_) == sorted(ensemble.keys_)
        np.testing.assert_array_equal(other.logits(blobs), ensemble.logits(blobs))


@pytest.fixture
def trainings(monkeypatch):
    """The names of the members that were trained, one entry a training."""
    counted, fit = [], Member.fit

    def counting(self, *arguments, **options):
        counted.append(self.name)
        return fit(self, *arguments, **options)

    monkeypatch.setattr(Member, "fit", counting)
    return counted


@pytest.mark.slow
def test_a_grid_over_rules_trains_each_member_once_a_fold(
    flat, by_colour, images, blobs, tmp_path, trainings, monkeypatch
):
    monkeypatch.setattr(ensembles, "RULES", ("soft", "best"))
    y = LABELS["strings"][blobs.labels]
    ensemble = Ensemble([flat, by_colour], recipe=ONE_EPOCH, store=tmp_path)
    search = GridSearchCV(ensemble, {"method": ["soft", "best"]}, cv=2, error_score="raise")
    search.fit(images, y)
    assert sorted(trainings) == [flat] * 3  # two folds, and all images in the end
    assert search.best_estimator_.method == search.best_params_["method"]
    assert search.classes_.tolist() == sorted(NAMES)
    assert set(search.predict(images)) <= set(NAMES)
    assert search.score(images, y) == search.best_estimator_.score(images, y)


def test_cross_validation_scores_the_users_labels(by_colour, images, blobs, tmp_path):
    y = LABELS["objects"][blobs.labels]
    ensemble = Ensemble([ordered(by_colour, LABELS["objects"])], store=tmp_path)
    assert cross_val_score(ensemble, images, y, cv=2, error_score="raise").tolist() == [1, 1]
    scorers = ["accuracy", "balanced_accuracy", "neg_log_loss", "roc_auc_ovr"]
    scores = cross_validate(ensemble, images, y, cv=2, scoring=scorers, error_score="raise")
    assert all((scores[f"test_{name}"] == 1).all() for name in scorers if name != "neg_log_loss")
    assert (scores["test_neg_log_loss"] > -0.2).all()  # -1.1 for columns in another order than the labels'
    np.testing.assert_array_equal(cross_val_predict(ensemble, images, y, cv=2), y)


NEED_NO_DATA = [
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_parameters_default_constructible",
    "check_get_params_invariance",
    "check_set_params",
    "check_estimators_unfitted",
]


@pytest.mark.parametrize("check", NEED_NO_DATA)
def test_scikit_learns_checks_without_data(check):
    getattr(estimator_checks, check)("Ensemble", Ensemble(["simple_cnn"]))


def test_loaded_images_pass_as_before(by_colour, images, blobs, tmp_path):
    splits = load(images, blobs.labels, classes=NAMES)
    assert Ensemble([by_colour], store=tmp_path).fit(splits).score(splits) == 1


def test_a_rule_object_that_was_not_fitted_does_not_answer(blobs, monkeypatch):
    monkeypatch.setattr("ensembles.RULES", ("soft", "weighted"))
    own = ensembles.Weighted(weights=[0.9, 0.1])
    images = keras.Input((16, 16, 3))
    networks = [
        keras.Model(images, keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(scale)(images)), name=name)
        for name, scale in (("one", 0.1), ("two", 0.02))
    ]
    ensemble = Ensemble(networks, method=own).fit(blobs)
    np.testing.assert_allclose(ensemble.rule_.weights_, [0.9, 0.1])
    ensemble.method = ensembles.Weighted(weights=[0.9, 0.1])
    ensemble.predict(blobs)
    for other in (ensembles.Weighted(weights=[1, 0]), ensembles.Soft(over="probabilities")):
        ensemble.method = other
        with pytest.raises(NotFittedError, match=r"(?s)method.*Fit again"):
            ensemble.predict(blobs)
        assert "Fit again" in ensemble._repr_html_()  # a notebook shows it, and no traceback
    ensemble.method = "soft"
    ensemble.predict(blobs)
