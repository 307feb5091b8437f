"""Members that are left out of an export: zoo/export/selection.py and within_latency.py."""

import json
from dataclasses import replace

import numpy as np
import pytest

import ensembles
from ensembles.bootstrap import Interval
from ensembles.mahalanobis import FeatureDistance
from ensembles.pruning import Pruning
from zoo.export.latency import Cost
from zoo.export.selection import Needs, needs_of, pruned
from zoo.export.within_latency import rules_to_try, subsets
from zoo.state.made_from import made_from
from zoo.state.out_of_distribution import OutOfDistribution

pytestmark = pytest.mark.fits
MILLISECOND = 1e-3


@pytest.fixture
def prune_to(monkeypatch):
    """Let the search end with a result."""

    def prune_to(*given):
        monkeypatch.setattr("zoo.export.selection.prune", lambda *_, **__: Pruning(*given))

    return prune_to


@pytest.fixture
def costs(monkeypatch):
    """Let graphs cost so many milliseconds: by the names of their members."""
    timed, known = [], {}

    def cost_of(state, form, storage, calibration, **how):
        names = tuple(member.name for member in state.members)
        timed.append(names)
        return Cost(known[names] * MILLISECOND, 1_000_000)

    monkeypatch.setattr("zoo.export.within_latency.cost_of", cost_of)
    known["timed"] = timed
    return known


def test_what_is_left_out_is_not_in_the_export(ensemble, blobs, tmp_path, prune_to, checked_here, caplog):
    prune_to((1,), {}, Interval(0.01, -0.001, 0.02))
    with caplog.at_level("INFO", logger="zoo"):
        folder = ensemble.export(tmp_path / "model", prune_members=True)
    first, second = (member.name for member in ensemble.members_)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["members"], manifest["selection"]["left_out"]) == ([second], [first])
    assert manifest["made_from"] == made_from(ensemble.state_, manifest["method"])  # of all members
    assert manifest["selection"]["difference"] == {"value": 0.01, "low": -0.001, "high": 0.02}
    assert manifest["leaderboard"]["row"]["name"] == ensemble.method_
    assert f"left out: {first} (balanced accuracy +0.0100" in caplog.text
    assert len(ensemble.members_) == 2


def test_few_held_out_images_leave_nothing_out(ensemble, caplog):
    with caplog.at_level("INFO", logger="zoo"):
        found = pruned(ensemble.state_, "soft", uncertainty=False)
    assert found.state is ensemble.state_ or found.record["left_out"] == []
    assert "no member is left out" in caplog.text
    assert "598" in found.record["why"]


def test_the_reason_names_what_would_be_lost(ensemble, prune_to):
    prune_to((0, 1), {1: Interval(-0.01, -0.02, 0.0), 0: Interval(-0.02, -0.06, 0.0)}, None, ())
    wanted = ensemble.members_[1].name
    state = replace(ensemble.state_, held_out=_many(ensemble.held_out_))
    why = pruned(state, "soft", uncertainty=False).record["why"]
    assert f"without {wanted} balanced accuracy changes by -0.0100" in why
    prune_to((0, 1), {}, Interval(-0.01, -0.02, 0.0), (0,))
    assert "had no part in the choice" in pruned(state, "soft", uncertainty=False).record["why"]


def _many(held_out):
    rows = np.arange(700) % len(held_out.labels)
    return replace(held_out, labels=held_out.labels[rows], logits=held_out.logits[:, rows])


def test_an_uncertainty_needs_members(ensemble):
    state = ensemble.state_
    distance = OutOfDistribution(1, FeatureDistance(), np.zeros(3))
    assert needs_of(replace(state, uncertainty="distance", distribution=distance), uncertainty=True) == Needs(
        frozenset({1})
    )
    assert needs_of(replace(state, uncertainty="mutual_information"), uncertainty=True) == Needs(least=2)
    assert needs_of(replace(state, uncertainty="mutual_information"), uncertainty=False) == Needs()


def test_subsets_are_all_or_of_few_members_and_all_together():
    assert subsets(2, Needs()) == [(0,), (1,), (0, 1)]
    assert subsets(3, Needs(frozenset({2}), 2)) == [(0, 2), (1, 2), (0, 1, 2)]
    assert len(subsets(30, Needs())) == 30 + 435 + 1


def test_rules_are_equal_weights_and_the_one_that_answers(ensemble):
    state = ensemble.state_
    assert rules_to_try(state, "stacked") == ["stacked"]
    assert rules_to_try(replace(state, method="weighted"), None) == ["soft", "weighted"]
    auto = ensembles.calibrated(ensembles.Auto()).fit(state.held_out.logits, state.held_out.labels)
    auto.rule_.rule_ = state.rules["stacked"].rule_
    assert rules_to_try(replace(state, method="auto", rules={**state.rules, "auto": auto}), None) == ["soft", "stacked"]


def test_the_best_combination_within_the_time_is_timed_and_exported(ensemble, tmp_path, costs, checked_here, caplog):
    first, second = (member.name for member in ensemble.members_)
    costs.update({(first,): 2, (second,): 3, (first, second): 4})
    with caplog.at_level("INFO", logger="zoo"):
        folder = ensemble.export(tmp_path / "model", max_latency="9ms")
    manifest = json.loads((folder / "manifest.json").read_text())
    selection = manifest["selection"]
    (chosen,) = [row for row in selection["pareto"] if row["chosen"]]
    assert chosen["members"] == manifest["members"]
    assert chosen["measured"]
    assert (selection["max_latency"], selection["timed_as"]) == (0.009, "saved_model")
    by_members = {tuple(row["members"]): row for row in selection["pareto"]}
    assert by_members[first, second]["megabytes"] in (1, 2)  # of its own file, or the sum of the members'
    assert "* is exported" in caplog.text


def test_what_is_slower_than_the_sum_of_its_members_is_not_taken(ensemble, tmp_path, costs, checked_here, monkeypatch):
    first, second = (member.name for member in ensemble.members_)
    costs.update({(first,): 2, (second,): 3, (first, second): 50})
    both_first = lambda self, allowed, rows=None: max(allowed)  # noqa: E731
    monkeypatch.setattr("ensembles.pareto.Contest.best", both_first)
    folder = ensemble.export(tmp_path / "model", max_latency=0.009)
    assert (first, second) in costs["timed"]
    assert json.loads((folder / "manifest.json").read_text())["members"] == [second]


def test_a_time_that_nothing_keeps_names_the_fastest(ensemble, tmp_path, costs, refused, caplog):
    first, second = (member.name for member in ensemble.members_)
    costs.update({(first,): 2, (second,): 3})
    with caplog.at_level("INFO", logger="zoo"), refused("1 ms", first, "2.0 ms", "--max-latency"):
        ensemble.export(tmp_path / "model", max_latency="1ms")
    assert second in caplog.text  # the table shows all the same what there is
    assert not (tmp_path / "model").exists()


def test_a_folder_of_other_things_is_refused_before_members_are_timed(ensemble, tmp_path, costs):
    (tmp_path / "model.onnx").touch()
    with pytest.raises(FileExistsError, match="other things"):
        ensemble.export(tmp_path, max_latency="9ms")
    assert costs["timed"] == []


def test_two_ways_to_choose_at_once_are_refused(ensemble, tmp_path, refused):
    with refused("--prune-members", "--max-latency"):
        ensemble.export(tmp_path / "model", max_latency="1ms", prune_members=True)
