"""zoo/planning: arithmetic on speeds that are given, without a network."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from zoo.data import split
from zoo.ensemble_options import EnsembleOptions
from zoo.members.entrants import Refused, defaults_of, enter
from zoo.members.store import Store
from zoo.models.plan import Plan
from zoo.planning import PhaseSpeed, Speed, Speeds, forecast_of
from zoo.planning.measuring import kind
from zoo.planning.run_cost import makespan, slowdown
from zoo.planning.run_progress import Overall
from zoo.training.recipe import Recipe
from zoo.utils import progress

STILL = PhaseSpeed(start=10.0, train=0.1, validate=0.05, epoch=1.0)
SPEED = Speed(
    phases={"head": STILL, "fine-tuning": STILL, "whole": STILL},
    augment=0.01,
    features=0.02,
    predict=0.03,
    build=2.0,
    compile=3.0,
    cores=1.5,
    memory=10**9,
    parameters=1000,
    feature_count=10,
)


class Given(Speeds):
    """Knows one speed, whatever it is asked."""

    def measured(self, plan, recipe, data):
        return SPEED

    guessed = measured


@pytest.fixture
def data(blobs):
    return split(blobs, validation=0.25)


@pytest.fixture
def ahead(data, tmp_path):
    """Forecast members with options."""

    def forecast(members, **options):
        own = EnsembleOptions(**{"recipe": Recipe(head_epochs=1, epochs=2)} | options)
        store = Store(tmp_path / "store")
        return forecast_of(enter(members, defaults_of(own), data.train), own, data, store, speeds=Given(), measure=True)

    return forecast


def test_a_network_takes_its_epochs_and_its_predictions(ahead):
    found = ahead(["simple_cnn"])
    (member,) = found.members
    assert (member.epochs, member.networks, member.images) == (3, 1, 72)
    epochs = 3 * (72 * 0.1 + 24 * 0.05 + 1.0)
    assert member.seconds["whole"] == pytest.approx(2.0 + 10.0 + epochs)
    assert member.seconds["predictions"] == pytest.approx(3.0 + 24 * 0.03)
    assert found.total == pytest.approx(member.total + found.seconds["rules"])
    assert found.ends - found.begun == timedelta(seconds=found.total)


def test_features_are_counted_once_for_members_that_share_them(ahead, tiny, tiny_file):
    recipe = Recipe(head_epochs=4, epochs=0, views=2, seed=1)
    one, two = ahead([f"{tiny} x2"], recipe=recipe, weights=tiny_file).members
    first = 72 * 0.02 + 72 * 0.03 + 24 * 0.03 + 3.0  # a clean view, an augmented one, the validation images
    assert one.seconds["views and features"] == pytest.approx(first)
    assert two.seconds["views and features"] == 0


def test_stored_views_are_made_once(ahead):
    found = ahead(["simple_cnn x2"], recipe=Recipe(head_epochs=0, epochs=1, stored_views=3, seed=1))
    assert [one.seconds["views and features"] for one in found.members] == pytest.approx([2 * 72 * 0.01, 0.0])


def test_folds_and_cycles_are_networks_of_their_own(ahead):
    found = ahead(["simple_cnn"], folds=3, refit=True, snapshots=2)
    first, second = found.members
    assert (first.networks, second.networks) == (4, 4)
    assert (first.epochs, second.epochs) == (3, 2)
    assert first.images == 48
    assert set(found.networks) >= {"simple_cnn_fold_1", "simple_cnn", "simple_cnn_cycle_2"}


def test_an_undersampled_epoch_is_as_short_as_the_smallest_class_makes_it(blobs, tmp_path):
    rows = np.concatenate([np.flatnonzero(blobs.labels != 0), np.flatnonzero(blobs.labels == 0)[:8]])
    data = split(blobs.subset(rows), validation=0.25)
    options = EnsembleOptions(recipe=Recipe(imbalance="undersample"))
    entrants = enter(["simple_cnn"], defaults_of(options), data.train)
    found = forecast_of(entrants, options, data, Store(tmp_path), speeds=Given(), measure=True)
    assert found.members[0].images == 3 * data.train.counts.min()


def test_processes_share_the_cores(ahead, monkeypatch):
    monkeypatch.setattr("zoo.planning.machine.joblib.cpu_count", lambda: 2)
    alone, together = ahead(["simple_cnn x2"]), ahead(["simple_cnn x2"], jobs=2)
    assert together.jobs == 2
    assert together.seconds["whole"] == pytest.approx(alone.seconds["whole"] / 2 * 1.5)
    assert together.memory > alone.memory


def test_views_are_predicted_as_often_as_there_are_views(ahead):
    plain, viewed = ahead(["simple_cnn"]), ahead(["simple_cnn"], views="flips")
    more = viewed.members[0].seconds["predictions"] - plain.members[0].seconds["predictions"]
    assert more == pytest.approx(2.0 + 3.0 + 4 * 24 * 0.03)


def test_a_member_that_cannot_be_built_says_why_and_the_others_are_counted(data, tmp_path):
    class Failing(Given):
        def measured(self, plan, recipe, data):
            if plan.name == "broken":
                raise ZeroDivisionError("no such layer")
            return SPEED

    options = EnsembleOptions(recipe=Recipe(epochs=1))
    plans = enter([Plan(backbone="simple_cnn", name="broken"), "simple_cnn"], defaults_of(options), data.train)
    found = forecast_of(plans, options, data, Store(tmp_path), speeds=Failing(), measure=True)
    broken, there = found.members
    assert "no such layer" in broken.reason
    assert "broken" in str(found)
    assert there.total > 0


@pytest.mark.parametrize("width", [80, 120, 300])
def test_a_member_that_cannot_take_part_says_why_in_its_row_and_leaves_the_columns(data, tmp_path, width):
    options, why = EnsembleOptions(recipe=Recipe(epochs=1)), f"Expected {'a network that is read ' * 12}. Save it anew."
    entrants = [*enter(["simple_cnn"], defaults_of(options), data.train), Refused("broken", why)]
    found = forecast_of(entrants, options, data, Store(tmp_path), speeds=Given(), measure=True)
    console = Console(file=StringIO(), width=width, markup=False)
    console.print(found)
    lines = console.file.getvalue().splitlines()
    head = next(line for line in lines if "networks" in line)
    assert head.split() == ["member", "networks", "epochs", "images", "images/s", "time", "note"]
    row = next(line for line in lines if line.startswith(" broken"))
    assert row.split()[:9] == ["broken", *"-----", "cannot", "take", "part:"]
    assert any(line.startswith(" simple_cnn") and " 72 " in line for line in lines)
    assert "".join(why.split()) in "".join("".join(lines).split())


def test_what_is_printed_has_members_time_memory_and_disk(ahead):
    text = str(ahead(["simple_cnn"], folds=2))
    for word in ("simple_cnn", "images/s", "time: ", "until", "peak memory", "disk", "at most"):
        assert word in text


def test_a_makespan_is_that_of_the_busiest_process():
    assert makespan([3.0, 1.0, 1.0], 2) == 3.0
    assert makespan([], 4) == 0.0
    assert slowdown(2, 0.5, 2) == 1.0
    assert slowdown(2, 2.0, 2, accelerated=True) == 2.0


def test_the_whole_reaches_its_end_and_never_exceeds_it(ahead):
    overall = Overall(ahead(["simple_cnn x2"]))
    seen = [overall.fraction]
    with progress.watched(overall):
        with progress.phase("whole", 10, "steps", owner="simple_cnn") as counter:
            counter.advance(4)
            seen.append(overall.fraction)
            counter.advance(40)
            seen.append(overall.fraction)
        for owner in ("simple_cnn", "simple_cnn_2", "a network from elsewhere"):
            progress.finish(owner)
            seen.append(overall.fraction)
        for name in ("rules", "rules out of fold", "rules"):
            with progress.phase(name, 7):
                pass
            seen.append(overall.fraction)
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert seen[-1] == 1
    assert overall.left == 0


def test_a_run_takes_no_less_time_than_a_phase_that_runs(ahead):
    overall = Overall(ahead(["simple_cnn"]))
    with progress.watched(overall), progress.phase("whole", 10**9, "steps", owner="simple_cnn") as counter:
        counter.advance()
        counter.advance()
        assert overall.left > overall.clock


def test_a_recipe_of_another_length_is_of_the_same_kind():
    plan, recipe = Plan(backbone="simple_cnn"), Recipe()
    assert kind(plan, recipe) == kind(replace(plan, seed=3, name="other"), replace(recipe, epochs=3, patience=None))
    assert kind(plan, recipe) != kind(plan, replace(recipe, batch_size=8))
    assert kind(plan, recipe) != kind(plan, replace(recipe, head_epochs=0))
