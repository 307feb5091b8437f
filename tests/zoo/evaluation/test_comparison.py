"""zoo/evaluation/comparison.py."""

from dataclasses import replace

import numpy as np
import pytest

import ensembles
from zoo.data.groups import group_digests
from zoo.evaluation import comparison
from zoo.evaluation.comparison import SCORES, _row, compare, differences
from zoo.report.comparison_table import verdict


@pytest.fixture
def states(trained):
    """A state, and another whose members are worse on the same images."""
    state = trained.state_
    worse = state.held_out.logits[:, np.random.default_rng(0).permutation(24)]  # the answers for other images
    labels = state.held_out.labels
    rules = {"soft": ensembles.Soft().fit(worse, labels)}
    return (
        replace(state, method="soft", rules=rules, cross_fitted={}),
        replace(
            state,
            method="soft",
            rules=rules,
            cross_fitted={},
            held_out=replace(state.held_out, logits=worse),
        ),
    )


def test_the_better_one_is_named_by_paired_intervals(states):
    table = compare(*states)
    rows = {row["score"]: row for row in table}
    assert rows["accuracy"]["difference"] == pytest.approx(rows["accuracy"]["second"] - rows["accuracy"]["first"])
    assert rows["accuracy"]["high"] < 0
    assert "first is better" in verdict(rows["accuracy"])
    assert "first is better" in verdict(rows["log_loss"])
    assert "24 images that both held out" in str(table)


def test_images_that_the_runs_labelled_differently_are_left_out_and_counted(states):
    first, second = states[0], states[0]
    labels = second.held_out.labels.copy()
    labels[:3] = (labels[:3] + 1) % len(second.class_names)
    second = replace(second, held_out=replace(second.held_out, labels=labels))
    told = " ".join(str(compare(first, second)).split())
    assert "21 images that both held out; 3 others left out, labelled differently" in told
    other = replace(second.held_out, labels=(first.held_out.labels + 1) % len(second.class_names))
    with pytest.raises(ValueError, match="24 labelled differently"):
        compare(first, replace(second, held_out=other))


def test_one_with_itself_differs_in_nothing(states):
    rows = compare(states[0], states[0])
    assert "the answers are identical" in str(rows)
    assert "identical" not in str(compare(*states))
    assert {row["difference"] for row in rows} == {0.0}
    assert all("no difference" in verdict(row) for row in rows)


def test_images_in_another_order_are_matched_by_their_pixels(states):
    first = states[0]
    held_out = first.held_out
    turned = replace(
        held_out, digests=held_out.digests[::-1], labels=held_out.labels[::-1], logits=held_out.logits[:, ::-1]
    )
    assert {row["difference"] for row in compare(first, replace(first, held_out=turned, cross_fitted={}))} == {0.0}


def test_given_images_that_trained_one_of_the_runs_are_left_out_and_counted(trained, blobs, refused):
    state = trained.state_
    known = {digest for digest in blobs.digests if digest in state.provenance.train}
    assert 0 < len(known) < len(blobs)
    table = compare(state, state, blobs, where="blobs")
    assert f"24 images (blobs); {len(known)} others left out, on which one of them was trained" in " ".join(
        str(table).split()
    )
    with refused("neither", "--data"):
        compare(state, state, blobs.subset([digest in known for digest in blobs.digests]))


def test_images_that_fitted_the_rules_are_predicted_by_copies_that_were_fitted_on_others(trained, states, blobs):
    """With the training images in the source too, scores are those of the held-out images."""
    learned = replace(trained.state_, method="stacked", cross_fitted={})
    own = compare(states[0], learned)
    given = compare(states[0], learned, blobs, where="blobs")
    assert "24 images (blobs)" in str(given)
    for row, other in zip(own, given, strict=True):
        assert row["second"] == pytest.approx(other["second"])
        assert row["first"] == pytest.approx(other["first"])


def test_images_of_groups_that_trained_a_run_are_left_out(trained, blobs):
    state = trained.state_
    new = replace(blobs, pixels=255 - blobs.take(np.arange(len(blobs))), groups=np.arange(len(blobs)) % 10)
    known = replace(state, provenance=replace(state.provenance, train_groups=frozenset(group_digests(np.arange(4)))))
    told = " ".join(str(compare(known, state, new, where="new")).split())
    assert "on whose groups, one of them was trained" in told
    assert f"{int((new.groups >= 4).sum())} images" in told


def test_groups_are_those_of_the_run_that_knows_them(states):
    first, second = states
    groups = np.arange(24) // 4
    grouped = replace(second, held_out=replace(second.held_out, groups=groups), cross_fitted={})
    one, other = compare(first, grouped), compare(grouped, first)
    assert [row["differing"] for row in one] == [row["differing"] for row in other]
    assert one[0]["differing"] <= 6


def test_runs_that_read_pixels_otherwise_are_compared_each_on_its_own(states, blobs, monkeypatch):
    asked = []
    monkeypatch.setattr(comparison, "_trained_on", lambda state, images, groups: np.zeros(len(images), bool))
    monkeypatch.setattr(
        comparison, "_fair_logits", lambda state, images: asked.append(images) or np.zeros((len(images), 3), np.float32)
    )
    own = replace(blobs, pixels=255 - blobs.take(np.arange(len(blobs))))
    compare(*states, blobs, as_second_reads=own)
    assert [images.digests for images in asked] == [blobs.digests, own.digests]
    with pytest.raises(ValueError, match="same images for both runs"):
        compare(*states, blobs, as_second_reads=blobs.subset(np.arange(4)))


def test_runs_without_a_common_image_are_refused(states, refused):
    other = replace(states[1].held_out, digests=tuple(bytes([number] * 16) for number in range(24)))
    with refused("same images", "--data"):
        compare(states[0], replace(states[1], held_out=other))


def test_differences_of_configurations_have_their_names_with_dots():
    found = differences(
        {"seed": 0, "recipe": {"epochs": 3, "rate": 1}}, {"seed": 0, "recipe": {"epochs": 5, "rate": 1}, "x": 2}
    )
    assert found == [("recipe.epochs", 3, 5), ("x", None, 2)]


@pytest.mark.parametrize(("rows", "told"), [(1, "too few"), (5, "too few"), (12, "second is better")])
def test_few_images_name_no_winner(rows, told):
    labels = np.zeros(rows, int)
    wrong, right = np.tile([0.0, 4.0], (rows, 1)), np.tile([4.0, 0.0], (rows, 1))
    assert all(told in verdict(_row(name, wrong, right, labels, None)) for name in SCORES)


def test_few_groups_name_no_winner_however_many_images_they_have():
    labels, groups = np.zeros(40, int), np.repeat([0, 1], 20)
    wrong, right = np.tile([0.0, 4.0], (40, 1)), np.tile([4.0, 0.0], (40, 1))
    assert "(2)" in verdict(_row("accuracy", wrong, right, labels, groups))
