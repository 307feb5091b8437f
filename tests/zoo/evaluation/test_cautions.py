"""What is said of figures that rest on too little, on members that answer at once."""

import logging
from dataclasses import replace

import numpy as np
import pytest

import ensembles
from zoo import Ensemble
from zoo.data import Splits, as_images
from zoo.evaluation.abstention import answer
from zoo.evaluation.cautions import caution_of_choice, caution_of_threshold, cautions, relabelled
from zoo.evaluation.per_class import per_class
from zoo.evaluation.scoring import score
from zoo.export.summary import summary
from zoo.html_report.findings import Findings
from zoo.report.leaderboard import Leaderboard
from zoo.state.held_out_predictions import read_held_out_predictions
from zoo.state.provenance import provenance_of

pytestmark = pytest.mark.fits

RULES = ("soft", "stacked", "auto")


@pytest.fixture
def state_of(make_state, guesser):
    """Make a fitted state of some images."""

    def make(images, *biases, rules=RULES):
        members = [guesser(f"m{number}", bias) for number, bias in enumerate(biases)]
        for member in members:
            member.parameters, member.seconds, member.trained_on = 10, 1.0, 48
        logits = np.stack([member.logits(images) for member in members])
        made = {name: ensembles.calibrated(ensembles.make_rule(name)) for name in rules}
        return make_state(members, made, images, logits)

    return make


def test_classes_with_few_images_are_named_with_their_counts(state_of, blobs):
    few = blobs.subset(np.r_[np.flatnonzero(blobs.labels == 0)[:4], np.flatnonzero(blobs.labels == 1)])
    (note,) = [note for note in cautions(state_of(blobs, (0, 0, 0)), few) if "fewer than" in note]
    assert "red (4), blue (0)" in note
    assert "green" not in note
    assert not cautions(state_of(blobs, (0, 0, 0)), blobs)


def test_copies_among_the_images_are_counted_by_kind(state_of, blobs):
    rows, labels = np.r_[np.arange(96), 0, 1], np.r_[blobs.labels, (blobs.labels[0] + 1) % 3, blobs.labels[1]]
    copied = as_images(blobs.pixels[rows], labels, blobs.classes)
    notes = [note for note in cautions(state_of(blobs, (0, 0, 0)), copied) if "copies" in note]
    assert len(notes) == 1
    assert "2 copies under conflicting labels" in notes[0]
    assert "1 repeated copies" in notes[0]
    assert "--drop-duplicates" in notes[0]


def test_labels_that_were_corrected_since_the_fit_are_told(state_of, blobs):
    state, labels = state_of(blobs, (0, 0, 0)), blobs.labels.copy()
    labels[[3, 7]] = (labels[[3, 7]] + 1) % 3
    corrected = as_images(blobs.pixels, labels, blobs.classes)
    assert relabelled(state, corrected) == 2
    assert any("2 of 96 images have another label" in note for note in cautions(state, corrected))
    findings = Findings(replace(state, leaderboard=Leaderboard([{"name": "of the fit"}], "")), "validation", corrected)
    own = next(row for row in findings.board if row["name"] == "soft")
    assert own["accuracy"] == pytest.approx(findings.right.mean())
    assert relabelled(state, blobs) == relabelled(state, corrected.subset(np.arange(9))) == 0


def test_images_that_mostly_trained_the_members_are_told(state_of, blobs):
    fewer = blobs.subset(np.arange(95))
    state = state_of(blobs, (0, 0, 0))
    seen = replace(state, provenance=provenance_of(Splits(blobs.subset(np.arange(48)), blobs), 0))
    assert any("48 of 95 images trained the members" in note for note in cautions(seen, fewer))
    assert not any("trained the members" in note for note in cautions(seen, blobs))  # those that were held out
    less = replace(state, provenance=provenance_of(Splits(blobs.subset(np.arange(47)), blobs), 0))
    assert not any("trained the members" in note for note in cautions(less, fewer))


def test_with_groups_it_is_groups_that_are_few(state_of, blobs):
    grouped = replace(blobs, groups=np.arange(96) // 24)
    (known, note) = cautions(state_of(grouped, (0, 0, 0)), grouped)
    assert "96 of 96 images are of 4 groups that members were trained on" in known
    assert "fewer than 10 groups to score of red (4), green (4), blue (4)" in note


def test_images_whose_groups_are_not_known_are_told_where_members_were_trained_by_groups(state_of, blobs):
    grouped = replace(blobs, groups=np.arange(96) // 4)
    other = replace(blobs, pixels=255 - np.asarray(blobs.pixels))
    assert any("groups of these images are not known" in note for note in cautions(state_of(grouped, (0, 0, 0)), other))
    assert not any("groups" in note for note in cautions(state_of(blobs, (0, 0, 0)), other))


def test_rules_without_an_error_had_nothing_to_learn_from(state_of, blobs):
    (note,) = cautions(state_of(blobs, (0, 0, 0), (1, 0, 0)), blobs)
    assert "every member is right on all 96 held-out images" in note


def test_auto_says_why_it_chose_nothing_and_stacked_how_little_it_saw(state_of, blobs):
    (note,) = cautions(state_of(blobs, (0, 0, 0), (150, 0, 0)), blobs)
    assert "auto had nothing to choose by: equal weights err on" in note
    few = blobs.subset(np.arange(12))
    notes = cautions(state_of(few, *[(bias, 0, 0) for bias in (0, 150, 155, 160, 165)]), few)
    assert "stacked weighs 15 logits and had 12 held-out images to learn from" in notes[-1]
    assert not cautions(state_of(blobs, *[(0, 0, bias) for bias in (150, 0)], rules=("soft", "best")), blobs)


def test_a_score_logs_and_keeps_its_notes_and_marks_what_answers(state_of, blobs, caplog):
    state = state_of(blobs, (0, 0, 0), (1, 0, 0))
    with caplog.at_level(logging.WARNING):
        board = score(state, "validation", blobs)
    assert caplog.messages == list(board.notes)
    assert f"note: {board.notes[0]}" in str(board)
    assert [row["name"] for row in board if row["answers"]] == ["soft"]
    assert "soft *" in str(board)
    assert [row["name"] for row in board.marked("auto") if row["answers"]] == ["auto"]


@pytest.mark.slow
def test_a_rule_that_is_worse_than_a_member_is_noted(state_of, blobs):
    harm = [(0, 0, 0), (4000, 0, 0)]
    board = score(state_of(blobs, *harm), "validation", blobs)
    (note,) = [note for note in board.notes if "worse" in note]
    assert "soft is worse than its best member m0 (accuracy 0.33, 1.00): --method auto" in note
    chosen = score(replace(state_of(blobs, *harm), method="auto"), "validation", blobs)
    assert not any("worse" in note for note in chosen.notes)
    close = score(state_of(blobs, (0, 0, 0), (40, 0, 0)), "validation", blobs)
    assert not any("worse" in note for note in close.notes)


@pytest.mark.slow
def test_a_choice_that_differs_from_that_of_the_folds_is_noted(state_of, blobs):
    sure = state_of(blobs, (0, 0, 0), (4000, 0, 0)).rules["auto"]
    unsure = state_of(blobs, (0, 0, 0), (0, 0, 0)).rules["auto"]
    chosen = sure.rule_.rule_.name
    assert chosen != "soft"
    note = caution_of_choice(sure, [sure, unsure, unsure])
    assert f"auto answers as {chosen}" in note
    assert f"soft (2), {chosen} (1)" in note
    assert not caution_of_choice(sure, [sure, sure])
    assert "auto answers as soft" in caution_of_choice(unsure.rule_, [sure.rule_])
    state = state_of(blobs, (0, 0, 0), (4000, 0, 0))
    board = score(replace(state, rules=state.rules | {"auto": unsure}), "validation", blobs)
    (note,) = [note for note in board.notes if "auto answers as soft" in note]
    assert f"5 folds, which chose {chosen} (5)" in note
    assert not any("auto answers as" in note for note in score(state, "validation", blobs).notes)


@pytest.mark.slow
def test_groups_are_counted_and_their_intervals_are_wider(state_of, blobs):
    grouped = replace(blobs, groups=np.array([f"p{number}" for number in np.arange(96) // 24]))
    by_rows = score(state_of(blobs, (0, 0, 0)), "validation", blobs)
    by_groups = score(state_of(grouped, (0, 0, 0)), "validation", grouped)
    assert "of 4 groups" in by_groups.where
    assert "groups" not in by_rows.where
    first, second = by_rows[0], by_groups[0]
    assert (first["groups"], second["groups"]) == (None, 4)
    assert second["balanced_low"] < first["balanced_low"] - 0.05
    assert second["accuracy_low"] < first["accuracy_low"] - 0.05


@pytest.mark.slow
def test_rules_are_cross_fitted_by_group_and_the_state_keeps_the_groups(state_of, blobs, tmp_path):
    grouped = replace(blobs, groups=np.arange(96) // 6)
    state = state_of(grouped, (0, 0, 0), (60, 0, 0))
    expected = ensembles.out_of_fold(
        state.rules["stacked"], state.held_out.logits, grouped.labels, groups=grouped.groups
    )
    np.testing.assert_array_equal(state.cross_fitted_logits("stacked"), expected)
    state.held_out.write(tmp_path)
    again = read_held_out_predictions(tmp_path, 0)
    np.testing.assert_array_equal(again.groups, state.held_out.groups)
    np.testing.assert_array_equal(replace(state, held_out=again).groups_of(blobs), grouped.groups)
    state_of(blobs, (0, 0, 0)).held_out.write(tmp_path)  # without groups, over it
    assert read_held_out_predictions(tmp_path, 0).groups is None


def test_a_score_of_known_patients_is_told(state_of, blobs, caplog):
    train = replace(blobs, groups=np.array([f"p{row // 8}" for row in range(96)])).subset(np.arange(48))
    other = replace(blobs, groups=np.array([f"p{row // 8 - 4}" for row in range(96)])).subset(np.arange(48, 96))
    state = replace(state_of(train, (0, 0, 30)), provenance=provenance_of(Splits(train, train), 0))
    known = "32 of 48 images are of 4 groups that members were trained on"
    board = score(state, "test", other)
    assert known in board.notes[0]
    assert "32 others are of 4 groups whose images trained the members" in board.where
    assert "32 others" in per_class(state, "test", other).where
    ensemble = Ensemble([])
    ensemble._state = state
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        assert ensemble.score(other) > 0
    assert known in caplog.text
    folded = replace(state, held_out=replace(state.held_out, folds=5))
    assert not any("trained on" in note for note in score(folded, "train", train).notes)
    assert any("trained on" in note for note in score(folded, "test", other).notes)


def test_sets_and_thresholds_are_by_group(state_of, blobs):
    """Of four patients no set is promised to hold the true class nine times in ten, so every class is in it."""
    plain, few = (state_of(replace(blobs, groups=groups), (0, 0, 30)) for groups in (None, np.arange(96) // 24))
    by_rows, by_groups = (answer(state, blobs, abstain=0.05, confidence=0.9, coverage=0.9) for state in (plain, few))
    assert by_groups.sets.all()
    assert not by_rows.sets.all()
    assert by_rows.accepted.any()
    assert not by_groups.accepted.any()


def test_a_class_of_one_group_is_scored_by_images_and_said(state_of, blobs):
    grouped = replace(blobs, groups=np.where(blobs.labels == 2, 99, np.arange(96) // 6))
    state = state_of(grouped, (0, 0, 0), (60, 0, 0))
    assert "one group only" in " ".join(cautions(state, grouped))
    assert all(row["status"] == "fitted" for row in score(state, "validation", grouped))


def test_a_threshold_that_rests_on_too_few_is_told(state_of, blobs, caplog):
    state = state_of(blobs, (0, 0, 0))
    assert "rests on 96 held-out images; 299" in caution_of_threshold(state, 0.01)
    assert not caution_of_threshold(state, 0.05)
    asked = as_images(blobs.pixels[:3], [0, 1, 2])
    with caplog.at_level(logging.WARNING):
        answers = answer(state, asked, abstain=0.01, confidence=None, coverage=0.9)
    assert answers.caution in caplog.messages
    assert not answer(state, asked, abstain=0.01, confidence=0.9, coverage=0.9).caution
    grouped = state_of(replace(blobs, groups=np.arange(96) // 2), (0, 0, 0))
    assert "48 held-out groups; 59" in caution_of_threshold(grouped, 0.05)


def test_each_class_has_its_recall_and_what_it_is_taken_for(state_of, blobs):
    few = blobs.subset(np.flatnonzero((blobs.labels > 0) | (np.arange(96) < 9)))
    state = state_of(replace(blobs, groups=np.arange(96) // 6), (0, 0, 30))
    found = {row["name"]: row for row in per_class(state, "test", few)}
    assert (found["red"]["rows"], found["blue"]["recall"], found["blue"]["taken_for"]) == (3, 1, None)
    assert found["red"]["recall_high"] - found["red"]["recall_low"] > 0.6
    assert {row["groups"] for row in found.values()} == {None}
    own = per_class(state, "validation", blobs)
    assert {row["groups"] for row in own} == {16}
    assert "of 16 groups" in own.where
    for word in ("Recall of each class", "blue", "95 %"):
        assert word in str(own)
    none = {row["name"]: row for row in per_class(state, "test", blobs.subset(blobs.labels == 1))}
    assert (none["red"]["rows"], none["red"]["recall"]) == (0, None)


def test_what_was_written_is_summed_up(state_of, blobs, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").write_bytes(b"0" * 1234)
    row = {"balanced_accuracy": 0.9876, "balanced_low": 0.9, "balanced_high": 1.0, "kind": "rule", "name": "soft"}
    state = state_of(blobs, (0, 0, 0), (60, 0, 0))
    state = replace(state, leaderboard=Leaderboard([row | {"status": "fitted"}], "96 images"))
    text = summary(state, "soft", tmp_path / "model")
    for word in ("method soft", "2 members (m0, m1)", "0.9876 (95 % 0.900-1.000) on 96 images", "1,234 bytes"):
        assert word in text
    assert "not scored" in summary(state, "auto", tmp_path / "model" / "weights")
