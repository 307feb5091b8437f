"""When an ensemble would rather not answer."""

import json

import numpy as np
import pytest

import ensembles
from ensembles import uncertainty
from zoo import Ensemble, Recipe
from zoo.data import split
from zoo.evaluation import abstention as answers

pytestmark = pytest.mark.fits
SLOW = pytest.mark.slow
OF_COMBINED = [name for name in uncertainty.SCORES if name != "mutual_information"]


@pytest.fixture(scope="module")
def splits(blobs):
    return split(blobs, validation=0.4, test=0.2)


@pytest.fixture(scope="module")
def ensemble(flat, splits, tmp_path_factory):
    recipe = Recipe(head_epochs=3, epochs=0, batch_size=16, head_learning_rate=1e-3, validate="clean")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ensembles, "RULES", ("soft",))
        return Ensemble([f"{flat} x2"], recipe=recipe, store=tmp_path_factory.mktemp("store")).fit(splits)


@pytest.mark.parametrize("score", uncertainty.SCORES)
def test_the_threshold_keeps_the_wanted_share_of_errors_on_held_out_images(ensemble, score):
    ensemble.uncertainty = score
    honest = ensemble.state_.cross_fitted_logits()
    unsure = uncertainty.measure(score, ensemble.held_out_.logits, honest)
    limit = answers.abstention(ensemble.state_, 0.2)
    wrong = honest.argmax(axis=1) != ensemble.held_out_.labels
    assert wrong[limit.accepts(unsure)].mean() <= 0.2
    ensemble.uncertainty = "entropy"


def test_an_answer_says_all_of_it(ensemble, splits):
    said = ensemble.answer(splits.test, abstain=0.05, coverage=0.9)
    np.testing.assert_array_equal(said.labels, ensemble.predict(splits.test))
    np.testing.assert_allclose(said.probabilities, ensemble.predict_proba(splits.test), atol=1e-6)
    combined = ensemble.logits(splits.test)
    np.testing.assert_allclose(said.uncertainty, uncertainty.entropy(combined), atol=1e-6)
    limit = answers.abstention(ensemble.state_, 0.05)
    assert said.limit == limit
    np.testing.assert_array_equal(said.accepted, said.uncertainty <= limit.threshold)
    honest = ensembles.out_of_fold(ensemble.rule_, ensemble.held_out_.logits, ensemble.held_out_.labels)
    expected = ensembles.Conformal(coverage=0.9).fit(honest, ensemble.held_out_.labels).sets(combined)
    np.testing.assert_array_equal(said.sets, expected)


def test_answers_are_scored_by_rules_that_did_not_see_the_images(ensemble, splits):
    state = ensemble.state_
    told = answers.fair_answer(state, splits.validation)
    held_out = ensembles.metrics.softmax(state.cross_fitted_logits())[state.held_out.rows_of(splits.validation)]
    np.testing.assert_allclose(told.probabilities, held_out, atol=1e-6)
    assert not np.allclose(told.probabilities, ensemble.answer(splits.validation).probabilities, atol=1e-6)
    others = answers.fair_answer(state, splits.test)
    np.testing.assert_allclose(others.probabilities, ensemble.answer(splits.test).probabilities, atol=1e-6)


def test_a_loaded_ensemble_answers_alike(ensemble, splits, tmp_path):
    ensemble.uncertainty = "max_softmax"
    loaded = Ensemble.load(ensemble.save(tmp_path))
    assert loaded.uncertainty == "max_softmax"
    for one, other in zip(
        vars(ensemble.answer(splits.test)).values(), vars(loaded.answer(splits.test)).values(), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    ensemble.uncertainty = "entropy"


def test_a_run_with_the_earlier_name_of_an_uncertainty_opens(ensemble, splits, tmp_path):
    path = ensemble.save(tmp_path / "run")
    record = json.loads((path / "ensemble.json").read_text()) | {"uncertainty": "doubt", "format": 3}
    del record["seal"]  # which format 3 did not have
    (path / "ensemble.json").write_text(json.dumps(record))
    loaded = Ensemble.load(path)
    assert loaded.uncertainty == "max_softmax"
    combined = ensemble.logits(splits.test)
    np.testing.assert_allclose(loaded.answer(splits.test).uncertainty, uncertainty.max_softmax(combined), atol=1e-6)


@pytest.mark.parametrize("score", ["mutual_information", *(pytest.param(name, marks=SLOW) for name in OF_COMBINED)])
def test_an_export_carries_the_uncertainty_and_its_thresholds(ensemble, splits, tmp_path, score, checked_here):
    import tensorflow as tf

    ensemble.uncertainty = score
    path = ensemble.export(tmp_path / "model", uncertainty=True)
    serve = tf.saved_model.load(str(path)).signatures["serving_default"]
    said = serve(images=tf.constant(splits.test.take(np.arange(len(splits.test)))))
    live = ensemble.answer(splits.test, abstain=0.05)
    np.testing.assert_allclose(said["uncertainty"], live.uncertainty, atol=1e-4)
    told = json.loads((path / "manifest.json").read_text())["uncertainty"]
    assert told["score"] == score
    for error, limit in told["thresholds"].items():
        threshold = answers.abstention(ensemble.state_, float(error)).threshold
        assert limit["threshold"] == (threshold if np.isfinite(threshold) else None)
    ensemble.uncertainty = "entropy"


def test_an_export_lists_the_thresholds_of_conformal_sets(ensemble, splits, tmp_path, checked_here):
    path = ensemble.export(tmp_path / "model")
    told = json.loads((path / "manifest.json").read_text())["conformal"]
    assert (told["score"], told["rows"]) == ("lac", len(ensemble.state_.held_out.labels))
    probabilities = ensemble.predict_proba(splits.test)
    for coverage, threshold in told["thresholds"].items():
        highest = np.inf if threshold is None else threshold
        expected = ensemble.answer(splits.test, coverage=float(coverage)).sets
        np.testing.assert_array_equal(1 - probabilities <= highest, expected)


def test_one_member_cannot_disagree(ensemble, splits, refused, caplog):
    """Mutual information of one member is 0 for every image: no threshold of it refuses any."""
    with refused("mutual_information", "received one"):
        Ensemble(["simple_cnn"], uncertainty="mutual_information").fit(splits)
    alone = Ensemble(ensemble.members_[:1]).fit(splits)
    alone.uncertainty = "mutual_information"
    alone.answer(splits.test, abstain=0.3)
    assert "cannot disagree" in caplog.text


def test_mistakes_are_named(ensemble, splits):
    with pytest.raises(ValueError, match=r"error.*2"):
        ensemble.answer(splits.test, abstain=2)
    with pytest.raises(ValueError, match="fear"):
        Ensemble(["simple_cnn"], uncertainty="fear").fit(splits)
    with pytest.raises(ensembles.NotFittedError):
        Ensemble(["simple_cnn"]).answer(splits.test)


def test_answers_have_a_row_an_image_and_probabilities_that_add_up(trained, colours):
    rows = trained.answered(colours)
    assert len(rows) == len(colours.validation)
    assert sum(rows[0][f"probability_{name}"] for name in colours.classes) == pytest.approx(1, abs=1e-5)
    assert rows[0]["right"] == (rows[0]["label"] == rows[0]["class"])
