"""Runs that earlier versions wrote open, answer, are scored and are exported.

``tests/runs/format_N`` was written by the last version that wrote format N: two small runs on 60 images of 12x12 with
labels of three colours, and beside each an ``.npz`` with six of the images and what that version answered to them.
``single`` has two members, one of a backbone that no process knows any more, and the distance as its uncertainty;
``folds`` has two folds of that backbone, whose mean over flips was tried, and the method ``weighted``.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest

from zoo import Ensemble, load_saved_model

pytestmark = pytest.mark.fits

RUNS = Path(__file__).resolve().parents[1] / "runs"
FORMATS = sorted(path.name for path in RUNS.glob("format_*"))


@pytest.fixture(scope="module", params=[f"{form}/{run}" for form in FORMATS for run in ("single", "folds")])
def old(request, tmp_path_factory):
    """A copy of an old run, and what it answered."""
    copy = shutil.copytree(RUNS / request.param, tmp_path_factory.mktemp("old") / "run")
    return Ensemble.load(copy), np.load(RUNS / f"{request.param}.npz")


def test_members_and_rules_answer_as_they_did(old):
    ensemble, known = old
    members = ensemble.member_logits(known["images"])
    np.testing.assert_allclose(members, known["members"], atol=1e-4)
    rules = {name.removeprefix("rule_"): known[name] for name in known.files if name.startswith("rule_")}
    assert rules.keys() == ensemble.rules_.keys()
    for name, combined in rules.items():
        np.testing.assert_allclose(ensemble.rule(name).combine(known["members"]), combined, atol=1e-4)


def test_predictions_and_their_uncertainty_are_those_of_then(old):
    ensemble, known = old
    answers = ensemble.answer(known["images"])
    assert answers.labels.tolist() == known["predict"].tolist()
    np.testing.assert_allclose(answers.uncertainty, known["uncertainty"], rtol=1e-4, atol=1e-4)
    assert answers.accepted.tolist() == known["accepted"].tolist()
    assert answers.sets.tolist() == known["sets"].tolist()


def test_an_old_run_is_scored_compared_and_saved_again(old, tmp_path):
    ensemble, known = old
    assert {row["kind"] for row in ensemble.leaderboard()} == {"member", "rule"}
    assert len(ensemble.leaderboard((known["images"], known["predict"]))) == len(ensemble.leaderboard())
    assert len(ensemble.diversity()) == len(ensemble.members_)
    again = Ensemble.load(ensemble.save(tmp_path / "again"))
    assert again.predict(known["images"]).tolist() == known["predict"].tolist()


def test_an_old_run_is_exported(old, tmp_path, checked_here):
    ensemble, known = old
    saved = load_saved_model(ensemble.export(tmp_path / "saved_model"))
    expected = ensemble.predict_proba(known["images"])
    np.testing.assert_allclose(saved.predict_proba(known["images"]), expected, atol=1e-4)


@pytest.mark.needs_shared
def test_the_demo_of_an_old_version_answers_as_it_did(shared):
    known = np.load(shared / "old_run" / "answers.npz")
    ensemble = Ensemble.load(shared / "old_run" / "run")
    images = known["images"]
    np.testing.assert_allclose(ensemble.member_logits(images), known["members"], atol=1e-4)
