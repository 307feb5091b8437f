"""zoo/ensemble/within_time.py: presets and time limits, on small images from scratch."""

import logging
from dataclasses import replace
from time import monotonic
from types import SimpleNamespace

import numpy as np
import pytest
from rich.console import Console

import ensembles
import zoo
from zoo import Ensemble, Recipe
from zoo.config import config_from
from zoo.data import split
from zoo.ensemble import improvement
from zoo.ensemble.steps import forecaster, steps
from zoo.ensemble.within_time import _improving
from zoo.ensemble_options import EnsembleOptions
from zoo.members.parallel_training import run
from zoo.members.store import Store
from zoo.members.task import Task
from zoo.models.plan import Plan
from zoo.models.pretrained import WeightsNotFoundError
from zoo.planning.budget import Budget
from zoo.planning.preset_choice import Choice
from zoo.planning.watching import shown
from zoo.training.deadline import TIME_UP, Deadline, TimeUpError, epochs_of_cut

pytestmark = [pytest.mark.fits, pytest.mark.usefixtures("eagerly")]
SHORT = Recipe(epochs=1, head_epochs=0, augment="none", batch_size=64)


def test_a_preset_fits_members_of_its_own_and_says_which(blobs, tmp_path, caplog):
    with caplog.at_level(logging.INFO):
        ensemble = Ensemble(preset="fast", recipe=SHORT, weights=None, store=tmp_path).fit(blobs)
    assert [member.name for member in ensemble.members_] == ["simple_cnn"]
    assert "fast: " in caplog.text
    assert "from scratch" in caplog.text
    assert np.array_equal(Ensemble.load(tmp_path).predict(blobs.pixels), ensemble.predict(blobs.pixels))


def test_the_toml_gives_the_same_run(blobs, tmp_path, caplog):
    import tomllib

    ensemble = Ensemble(preset="fast", recipe=SHORT, weights=None, store=tmp_path).fit(blobs)
    config = config_from(tomllib.loads(ensemble.chosen_toml_))
    with caplog.at_level(logging.INFO):
        again = Ensemble(config.plans(), store=tmp_path, **config.ensemble_options()).fit(blobs)
    assert "not trained again" in caplog.text
    assert np.array_equal(again.logits(blobs.pixels), ensemble.logits(blobs.pixels))


def test_a_first_ensemble_is_kept_whatever_the_limit(blobs, tmp_path):
    ensemble = Ensemble(preset="balanced", time_limit="1s", recipe=SHORT, weights=None, store=tmp_path).fit(blobs)
    assert len(ensemble.members_) == 1
    assert Ensemble.load(tmp_path).predict(blobs.pixels).shape == (len(blobs),)


def test_whoever_asks_is_told_of_each_ensemble_that_is_kept(blobs, tmp_path):
    told = []
    ensemble = Ensemble(preset="balanced", time_limit="1s", recipe=SHORT, weights=None, store=tmp_path)
    ensemble.fit(blobs, on_kept=lambda kept: told.append((kept, Ensemble.load(tmp_path).predict(blobs.pixels).shape)))
    assert told
    assert all(kept is ensemble and shape == (len(blobs),) for kept, shape in told)


def test_what_is_shown_counts_the_limit_down(blobs, capsys):
    with shown(Console(force_terminal=False)) as seen:
        Ensemble(preset="balanced", time_limit="1s", recipe=SHORT, weights=None).fit(blobs)
        assert str(seen).startswith("(time: 100% of 1")


@pytest.mark.slow
def test_with_time_enough_all_members_are_there(blobs, caplog):
    with caplog.at_level(logging.INFO):
        ensemble = Ensemble(["simple_cnn"], time_limit=600, recipe=SHORT, weights=None).fit(blobs)
    assert len(ensemble.members_) == 1
    assert "after " in caplog.text


def test_a_first_ensemble_of_one_member_is_no_reason_to_refuse_an_uncertainty_between_members(blobs):
    ensemble = Ensemble(["simple_cnn x2"], time_limit=1, recipe=SHORT, uncertainty="mutual_information").fit(blobs)
    assert ensemble.uncertainty == "mutual_information"


def test_something_is_fitted_also_where_a_head_alone_is_trained_by_steps(blobs, tiny, tiny_file):
    """Mixed images leave no features to solve for, and the preset tunes nothing."""
    recipe = replace(SHORT, mix="mixup", head_epochs=1, epochs=0)
    ensemble = Ensemble([tiny], preset="fast", time_limit=1, recipe=recipe, weights=tiny_file).fit(blobs)
    assert len(ensemble.members_) == 1


def test_fitted_members_leave_nothing_to_choose(blobs, refused):
    member = zoo.build("simple_cnn", 3, image_size=blobs.image_size).fit(blobs, blobs, SHORT)
    with refused("preset", "time_limit", "simple_cnn", error=TypeError):
        Ensemble([member], time_limit=60).fit(blobs)


@pytest.mark.parametrize("time", ["soon", 0, -5, "", "1x"])
def test_no_time_is_refused(time, refused):
    with refused("time_limit"):
        Ensemble(["simple_cnn"], time_limit=time).check()


def test_a_deadline_ends_a_training_and_leaves_the_network_alone(blobs, compiled):
    member = zoo.build("simple_cnn", 3, image_size=blobs.image_size)
    before = [weights.copy() for weights in member.model.get_weights()]
    begun = monotonic()
    with pytest.raises(TimeUpError):
        member.fit(blobs, blobs, Recipe(epochs=10_000, head_epochs=0, augment="none"), callbacks=[Deadline(0)])
    assert monotonic() - begun < 60
    assert all(map(np.array_equal, member.model.get_weights(), before))


def test_a_plan_is_of_what_is_chosen(blobs):
    forecast = Ensemble(preset="balanced", recipe=SHORT, weights=None).plan(blobs, measure=False)
    assert [(member.name, member.epochs) for member in forecast.members] == [
        (name, 1) for name in ("simple_cnn", "simple_cnn_2", "simple_cnn_3")
    ]


def _choice(backbones, swift, **recipe):
    plans, swift = (tuple(Plan(backbone=name) for name in names) for names in (backbones, swift))
    return Choice(plans=plans, options={"recipe": Recipe(head_solver="lbfgs", **recipe), "folds": 0}, swift=swift)


MEASURED: list[str] = []
HEAD = 2.0  # seconds to solve for one
SECONDS = {"efficientnet_lite0": 100.0, "mobilenet_v2": 40.0, "mobilenet_025": 5.0}  # an epoch


def _seconds(part, *, measured=True):
    if measured:
        MEASURED.append(part.plans[0].backbone)
    seconds = sum(HEAD + SECONDS[plan.backbone] * part.recipe.epochs for plan in part.plans)
    return seconds if measured else seconds / 3


def test_what_is_much_too_slow_by_a_guess_is_not_measured():
    MEASURED.clear()
    choice = _choice(["efficientnet_lite0"], ["mobilenet_v2", "mobilenet_025"], epochs=20)
    (*_, last) = steps(choice, _seconds, Budget(12))
    assert last.plans[0].backbone == "mobilenet_025"
    assert "mobilenet_v2" not in MEASURED


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (1000, [("efficientnet_lite0", 0), ("efficientnet_lite0", 9)]),
        (100, [("efficientnet_lite0", 0), ("mobilenet_v2", 2)]),
        (20, [("efficientnet_lite0", 0), ("mobilenet_025", 3)]),
        (3, [("efficientnet_lite0", 0), ("mobilenet_v2", 0)]),
        (1, [("efficientnet_lite0", 0)]),
    ],
)
def test_a_faster_network_is_tuned_where_no_epoch_of_the_first_fits(limit, expected, caplog):
    choice = _choice(["efficientnet_lite0"], ["mobilenet_v2", "mobilenet_025"], epochs=20)
    with caplog.at_level(logging.INFO):
        found = [(step.plans[0].backbone, step.recipe.epochs) for step in steps(choice, _seconds, Budget(limit))]
    assert found == expected
    assert ("no time for more" in caplog.text) == (limit == 1)


def test_what_is_soon_over_is_guessed_with_care_and_not_measured(blobs, tmp_path, monkeypatch):
    measured = []

    def rehearse(plan, *others):
        measured.append(plan.backbone)
        raise WeightsNotFoundError

    monkeypatch.setattr("zoo.planning.rehearsal.rehearse", rehearse)
    seconds = forecaster(EnsembleOptions(weights=None), split(blobs, validation=0.2), Store(tmp_path))
    short = Choice(plans=(Plan(backbone="simple_cnn", weights=None),), options={"recipe": SHORT, "folds": 0})
    assert seconds(short) > 2 * seconds(short, measured=False)
    assert not measured
    seconds(short.with_recipe(epochs=100_000))
    assert measured


def _state(loss, *, digests=(b"a", b"b"), failures=()):
    rows = [{"name": "auto", "answers": True, "log_loss": loss, "balanced_accuracy": loss}]
    held_out = SimpleNamespace(digests=digests)
    return SimpleNamespace(leaderboard=rows, members=[0], held_out=held_out, failures=dict(failures))


def _loss(state):
    return state.leaderboard[0]["log_loss"]


CUT = _state(0.5, failures={"mobilenet_v2": TIME_UP})
FOLDED = _state(0.9, digests=(b"a", b"b", b"c"))


@pytest.mark.parametrize(
    ("states", "kept"),
    [
        ([_state(0.5), _state(0.4), _state(0.6)], [0, 1]),
        ([_state(0.5), _state(0.5)], [0]),
        ([_state(0.5), CUT, _state(0.1)], [0]),
        ([_state(0.5), FOLDED, _state(1.0, digests=FOLDED.held_out.digests)], [0, 1]),
        ([_state(0.2), FOLDED], [0]),
        ([_state(None), _state(None), _state(0.5), _state(None)], [0, 1, 2]),
    ],
    ids=["better ones", "an equal one", "cut by the limit", "folds", "worse folds", "rules without a score"],
)
def test_a_later_ensemble_replaces_an_earlier_one_only_if_it_is_better(states, kept, monkeypatch):
    monkeypatch.setattr(improvement, "_validation_loss", lambda state: 0.3 if state is FOLDED else _loss(state))
    choice = _choice(["simple_cnn"], [], epochs=1)
    fits = iter(states)
    found = _improving(EnsembleOptions(), iter([choice] * len(states)), Budget(100), lambda *given: next(fits))
    assert [state for _, state in found] == [states[number] for number in kept]


class _After(Deadline):
    """A limit that comes in the middle of an epoch."""

    def __init__(self, epochs):
        super().__init__(1000)
        self.epochs = epochs

    def on_epoch_begin(self, epoch, logs=None):
        self.end = 0 if epoch == self.epochs else self.end


def test_a_training_that_the_limit_ends_gives_its_best_epoch_and_goes_on_later(blobs, tmp_path, caplog):
    recipe = replace(SHORT, epochs=3)
    data = split(blobs, validation=0.2)
    task = Task(Plan(backbone="simple_cnn", weights=None).completed(3, blobs.image_size), recipe, data)
    store = Store(tmp_path)
    with caplog.at_level(logging.INFO):
        (cut,) = run([task], store, callbacks=[_After(2)])
    assert "its best of 2 epochs is taken" in caplog.text
    member = store.member(cut.key)
    assert cut.key == replace(task, cut=2).key() != task.key()
    assert [len(member.history), epochs_of_cut(member.history)] == [2, 2]
    assert member.fitted
    best = min(epoch["val_loss"] for epoch in member.history)
    found = ensembles.metrics.log_loss(store.logits(cut.key, data.validation), data.validation.labels)
    assert found == pytest.approx(best, rel=1e-3)
    with caplog.at_level(logging.INFO):
        (whole,) = run([task], store)
    assert "goes on after 2 epochs" in caplog.text
    assert whole.key == task.key()
    assert [len(store.member(whole.key).history), epochs_of_cut(store.member(whole.key).history)] == [3, 0]
    assert not list((tmp_path / "progress").glob("*"))


def test_a_member_that_the_limit_cuts_is_no_failure_to_warn_of(blobs, tmp_path, caplog):
    task = Task(
        Plan(backbone="simple_cnn", weights=None).completed(3, blobs.image_size), SHORT, split(blobs, validation=0.2)
    )
    with caplog.at_level(logging.INFO):
        (outcome,) = run([task], Store(tmp_path), callbacks=[Deadline(0)])
    assert TIME_UP in outcome.reason
    assert "its progress is kept" in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
