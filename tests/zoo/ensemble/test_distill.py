"""A student of an ensemble."""

from dataclasses import replace

import numpy as np
import pytest

from ensembles.bootstrap import Interval
from zoo import Ensemble, Recipe
from zoo.data import split
from zoo.ensemble.distill import Distilled, for_student
from zoo.members.member import Member
from zoo.members.task import Task
from zoo.models.plan import Plan

pytestmark = [pytest.mark.fits, pytest.mark.usefixtures("eagerly")]

RECIPE = Recipe(head_epochs=2, epochs=0, batch_size=16, head_learning_rate=1e-3, augment="flips")


@pytest.fixture(scope="module")
def splits(blobs):
    return split(blobs, validation=0.25)


@pytest.fixture(scope="module")
def ensemble(conv, flat, splits, tmp_path_factory):
    """Two networks, and one rule: the others are fitted in seconds, and say nothing more here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ensembles.RULES", ("soft",))
        return Ensemble([f"{conv} x2"], recipe=RECIPE, store=tmp_path_factory.mktemp("store")).fit(splits)


@pytest.fixture(scope="module")
def distilled(ensemble):
    return ensemble.distill("flat", views=2)


def test_the_student_is_a_member_that_learned_otherwise_than_alone(distilled, splits):
    assert distilled.student.name == "flat_distilled"
    apart = distilled.student.logits(splits.validation) - distilled.alone.logits(splits.validation)
    assert np.abs(apart).max() > 1e-3
    assert set(distilled.accuracy) == {"student", "alone", "ensemble"}
    assert distilled.where == "24 validation images, which chose the epochs"
    assert "ensemble above student" in str(distilled)


def test_the_three_are_scored_on_the_test_split_and_by_one_score(ensemble, blobs):
    """Few of one class and many of the others, so that accuracy and its balanced kind are far apart."""
    rare = np.r_[np.flatnonzero(blobs.labels == 0)[:3], np.flatnonzero(blobs.labels != 0)]
    data = replace(split(blobs, validation=0.25), test=blobs.subset(rare))
    found = ensemble.distill("flat", data, views=2)
    assert found.where.startswith(f"{len(rare)} test images (")
    assert "trained the members" in found.where
    assert found.gain.value == pytest.approx(found.accuracy["student"] - found.accuracy["alone"])
    assert found.lag.value == pytest.approx(found.accuracy["ensemble"] - found.accuracy["student"])


@pytest.mark.slow
def test_a_student_of_full_share_comes_near_to_its_teacher(ensemble, splits):
    plain = Recipe(head_epochs=6, epochs=0, batch_size=8, head_learning_rate=1e-2, augment="none", patience=None)
    student = ensemble.distill("conv", recipe=plain, share=1.0).student
    teacher, own = ensemble.predict_proba(splits.train), softmax(student.logits(splits.train))
    assert np.abs(teacher - own).mean() < 0.1


def test_a_second_call_finds_both(ensemble, distilled, monkeypatch):
    monkeypatch.setattr(Member, "fit", lambda *_, **__: pytest.fail("trained again"))
    assert ensemble.distill("flat", views=2).accuracy == distilled.accuracy


def test_what_a_student_adapts_is_a_part_of_its_key(splits):
    plan = Plan(backbone="simple_cnn", classes=3, image_size=16)
    keys = {Task(replace(plan, adapt=adapt), Recipe(), splits).key() for adapt in (None, "tune", "lora")}
    assert len(keys) == 2


def test_another_teacher_or_share_is_another_student(ensemble, distilled):
    other = ensemble.distill("flat", views=2, share=0.2)
    assert np.abs(other.student.model.get_weights()[0] - distilled.student.model.get_weights()[0]).max() > 0
    np.testing.assert_array_equal(other.alone.model.get_weights()[0], distilled.alone.model.get_weights()[0])


@pytest.mark.parametrize(("student", "kept"), [(0.95, 0.5), (1.0, 1.0), (0.88, -0.2)])
def test_the_share_of_the_gain_is_that_of_balanced_accuracy(student, kept):
    none = Interval(0, 0, 0)
    accuracy = {"student": student, "alone": 0.9, "ensemble": 1.0}
    assert Distilled(None, None, accuracy, none, none, "").kept == pytest.approx(kept)
    level = {"student": student, "alone": 1.0, "ensemble": 1.0}
    assert Distilled(None, None, level, none, none, "").kept is None


def test_mistakes_are_named(ensemble, tmp_path):
    with pytest.raises(ValueError, match=r"share.*2"):
        ensemble.distill("simple_cnn", share=2)
    with pytest.raises(ValueError, match=r"^Expected views.*0"):
        ensemble.distill("simple_cnn", views=0)
    loaded = Ensemble.load(ensemble.save(tmp_path))
    with pytest.raises(ValueError, match="loaded"):
        loaded.distill("simple_cnn")


def softmax(logits):
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def test_a_recipe_of_solved_heads_becomes_one_that_trains_heads():
    solved = Recipe(head_solver="lbfgs", head_epochs=1, epochs=0, learning_rate=1e-3)
    default = Recipe()
    found = for_student(solved)
    assert (found.head_solver, found.head_epochs, found.epochs) == ("gradient", default.head_epochs, default.epochs)
    assert found.learning_rate == 1e-3
    assert for_student(replace(solved, epochs=4)).epochs == 4
    assert for_student(RECIPE) is RECIPE


def test_a_source_is_divided_as_the_fit_divided_it(conv, flat, blobs, tmp_path, monkeypatch):
    monkeypatch.setattr("ensembles.RULES", ("soft",))
    ensemble = Ensemble([conv], recipe=RECIPE, seed=7, store=tmp_path).fit(blobs)
    found = Ensemble.load(tmp_path).distill("flat", blobs, views=2)
    assert found.where == f"{len(ensemble.held_out_.labels)} validation images, which chose the epochs"
    others = ensemble.distill("flat", blobs.subset(np.arange(0, 96, 2)), views=2)
    assert "trained the members" in others.where
