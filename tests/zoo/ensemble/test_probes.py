"""Probes in an ensemble: beside tuned members, by every way of saying so; their files, exports and forecasts."""

import numpy as np
import pytest

from zoo import Ensemble, Head, Plan, Recipe
from zoo.config import config_from
from zoo.data import split
from zoo.ensemble.steps import steps
from zoo.export.loading import load_saved_model
from zoo.members.build import build
from zoo.planning.as_toml import as_toml
from zoo.planning.budget import Budget
from zoo.planning.preset_choice import Choice

pytestmark = pytest.mark.usefixtures("one_rule")
RECIPE = Recipe(head_epochs=1, epochs=1, learning_rate=1e-3, augment="flips", views=2)


@pytest.fixture
def members(tiny, tiny_file):
    """A tuned member, a probe, and a probe of two layers, of one backbone with weights."""
    several = Plan(backbone=tiny, weights=tiny_file, adapt="probe", name="several", head=Head(layers=2))
    return [Plan(backbone=tiny, weights=tiny_file), Plan(backbone=tiny, weights=tiny_file, adapt="probe"), several]


@pytest.mark.fits
def test_probes_and_tuned_members_are_fitted_kept_and_exported(blobs, members, tmp_path, checked_here):
    ensemble = Ensemble(members, recipe=RECIPE, store=tmp_path / "run", method="soft").fit(split(blobs))
    several = ensemble.members_[2]
    assert [member.name for member in ensemble.members_] == ["tiny", "tiny_probe", "several"]
    assert [len(member.history) for member in ensemble.members_] == [2, 1, 1]
    assert several.features(blobs.pixels[:2]).shape == (2, 24)
    again = Ensemble.load(tmp_path / "run")
    np.testing.assert_array_equal(again.logits(blobs.pixels), ensemble.logits(blobs.pixels))
    exported = load_saved_model(ensemble.export(tmp_path / "model"))
    np.testing.assert_allclose(exported.predict_proba(blobs.pixels), ensemble.predict_proba(blobs.pixels), atol=1e-5)


@pytest.mark.fits
def test_a_probe_is_found_again_when_only_the_tuning_changes(blobs, members, tmp_path, caplog):
    data = split(blobs)
    Ensemble(members[1:2], recipe=RECIPE, store=tmp_path / "run").fit(data)
    caplog.set_level("INFO", logger="zoo")
    longer = Recipe(head_epochs=2, epochs=5, optimizer="sgd", augment="flips", views=2)
    Ensemble(members[1:2], recipe=longer, store=tmp_path / "run").fit(data)
    Ensemble(members[:1], recipe=Recipe(adapt="probe", augment="flips", views=2), store=tmp_path / "run").fit(data)
    assert sum("not trained again" in record.getMessage() for record in caplog.records) == 2


@pytest.mark.slow
@pytest.mark.fits
def test_folds_of_probes_are_probes(blobs, members, tmp_path):
    ensemble = Ensemble(members[1:2], recipe=RECIPE, store=tmp_path / "run", folds=2, refit=True).fit(split(blobs))
    (member,) = ensemble.members_
    assert len(member.history) == 1
    assert ensemble.held_out_.logits.shape[1] == member.trained_on


def test_names_tables_and_builders_say_alike(tiny, refused):
    config = config_from({"members": [f"probe:{tiny}", {"backbone": tiny, "adapt": "probe"}, tiny, f"tune:{tiny}"]})
    assert [plan.adapt for plan in config.plans()] == ["probe", "probe", None, "tune"]
    assert config.plans()[0].name == f"{tiny}_probe"
    assert build(tiny, 3, adapt="probe").name == f"{tiny}_probe"
    assert config_from({"recipe": {"adapt": "probe"}}).recipe.adapt == "probe"
    with refused("adapt", "probed", "tune"):
        config_from({"members": [{"backbone": tiny, "adapt": "probed"}]}).plans()


def test_a_choice_is_written_with_its_probes(tiny):
    choice = Choice(plans=(Plan(backbone=tiny, adapt="probe"), Plan(backbone=tiny)), options={"recipe": Recipe()})
    assert f'"probe:{tiny}"' in as_toml(choice, Ensemble(preset="fast"))


def test_a_run_of_probes_is_forecast(blobs, members):
    forecast = Ensemble(members, recipe=RECIPE).plan(split(blobs), measure=False)
    tuned, probe, _ = forecast.members
    assert (tuned.epochs, probe.epochs) == (2, 1)
    assert 0 < probe.total < tuned.total


@pytest.mark.fits
def test_a_probe_is_measured(blobs, members):
    forecast = Ensemble(members[1:2], recipe=RECIPE).plan(split(blobs), measure=True)
    assert forecast.members[0].speed.measured
    assert not forecast.members[0].reason


@pytest.mark.fits
def test_presets_leave_a_recipe_of_probes_as_it_is(blobs, members):
    recipe = Recipe(adapt="probe", augment="none", views=1)
    ensemble = Ensemble(members[:1], recipe=recipe, preset="balanced").fit(split(blobs))
    assert [len(member.history) for member in ensemble.members_] == [1]
    assert not ensemble.choice_.tunes


def test_within_a_limit_as_many_probes_follow_as_fit(tiny):
    plans = tuple(Plan(backbone=tiny, name=f"member_{number}") for number in range(4))
    plain = {"recipe": Recipe(adapt="probe"), "folds": 0, "refit": False, "snapshots": 1, "views": "none"}
    coming = steps(Choice(plans=plans, options=plain), lambda part: 20.0 * len(part.plans), Budget(70))
    assert [len(step.plans) for step in coming] == [1, 1, 2, 3]


def test_snapshots_and_students_are_refused(blobs, members, trained, refused):
    with refused("snapshots", "probe"):
        Ensemble(members, recipe=RECIPE, snapshots=2).fit(split(blobs))
    with refused("adapt", "student"):
        trained.distill(members[1], recipe=RECIPE)


def test_a_probe_of_random_weights_fails_with_the_reason(blobs, tiny):
    with pytest.raises(RuntimeError, match=r"pretrained weights.*adapt='probe'"):
        Ensemble([Plan(backbone=tiny, weights=None, adapt="probe")], recipe=RECIPE).fit(split(blobs))
