"""Scores of the suite, against scikit-learn and members whose answers are known."""

import re
import weakref

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from zoo.augment.corruptions import CORRUPTIONS, SEVERITIES
from zoo.data import as_images, limit
from zoo.evaluation import corrupted_copies as copies
from zoo.evaluation.corrupted_copies import corrupt
from zoo.evaluation.robustness import ShiftScores, score_answers, shift_scores

pytestmark = pytest.mark.fits

KINDS = len(CORRUPTIONS)


def test_each_cell_is_the_balanced_accuracy_of_its_corruption(blobs, guesser):
    uneven = blobs.subset(np.flatnonzero((blobs.labels > 0) | (np.arange(96) < 30)))
    member = guesser("biased", (60, 0, 0))
    scores = shift_scores(member.logits, uneven, seed=4)
    assert scores.clean == pytest.approx(balanced_accuracy_score(uneven.labels, member.logits(uneven).argmax(axis=1)))
    for kind, severity in (("brightness_down", 5), ("contrast_up", 2), ("bubble", 3)):
        answers = member.logits(corrupt(uneven, kind, severity, seed=4)).argmax(axis=1)
        cell = scores.corrupted[[*CORRUPTIONS].index(kind), SEVERITIES.index(severity)]
        assert cell == pytest.approx(balanced_accuracy_score(uneven.labels, answers))


def test_what_knows_pictures_by_heart_knows_no_corrupted_one():
    pictures = np.random.default_rng(0).integers(0, 256, (12, 64, 64, 3), dtype=np.uint8)
    images = as_images(pictures, np.arange(12) % 3)
    known = dict(zip(images.digests, images.labels, strict=True))
    scores = shift_scores(lambda shown: np.eye(3)[[known.get(key, 0) for key in shown.digests]], images)
    assert scores.clean == 1
    np.testing.assert_allclose(scores.corrupted, 1 / 3)
    assert scores.shifted == pytest.approx(1 / 3)


def test_summaries_are_means_over_severities_and_all():
    corrupted = np.full((KINDS, 5), 0.8)
    corrupted[3], corrupted[7] = (0.9, 0.7, 0.5, 0.3, 0.1), 0.6
    scores = ShiftScores(0.9, corrupted, np.zeros(2), np.arange(2))
    assert scores.worst_kind == [*CORRUPTIONS][3]
    assert scores.worst == pytest.approx(0.5)
    assert scores.by_kind[[*CORRUPTIONS][7]] == pytest.approx(0.6)
    assert scores.shifted == pytest.approx(((KINDS - 2) * 0.8 + 0.5 + 0.6) / KINDS)


def test_an_image_brings_all_its_copies_along(blobs, guesser):
    uneven = blobs.subset(np.flatnonzero((blobs.labels > 0) | (np.arange(96) < 12)))
    member = guesser("biased", (130, 0, 0))
    scores = shift_scores(member.logits, uneven, seed=4)
    answers = np.array([member.logits(shown).argmax(axis=1) for _, _, shown in copies.suite(uneven, seed=4)])
    np.testing.assert_allclose(scores.rows, (answers == uneven.labels).mean(axis=0))
    assert scores.interval.value == pytest.approx(scores.shifted)
    assert scores.interval.low < scores.shifted < scores.interval.high


def test_the_interval_of_two_images_is_worked_by_hand():
    """Always right and never, of one class: one of two, whose interval is Clopper and Pearson's."""
    scores = ShiftScores(0.5, np.full((KINDS, 5), 0.5), np.array([1.0, 0.0]), np.zeros(2, int))
    assert (scores.interval.low, scores.interval.value, scores.interval.high) == pytest.approx(
        (0.0126, 0.5, 0.9874), abs=0.01
    )


def test_a_limit_is_a_stratified_choice(blobs, guesser):
    member = guesser("one")
    limited = shift_scores(member.logits, blobs, limit=9, seed=2)
    same = shift_scores(member.logits, limit(blobs, 9, seed=2), seed=2)
    np.testing.assert_array_equal(limited.corrupted, same.corrupted)
    with pytest.raises(ValueError, match=r"3 classes.*limit.*2"):
        shift_scores(member.logits, blobs, limit=2)


def test_several_are_scored_together_as_each_alone(blobs, guesser):
    members = [guesser("one"), guesser("two", (0, 70, 0))]
    few = blobs.subset(np.arange(12))
    together = score_answers(lambda shown: {member.name: member.logits(shown) for member in members}, few)
    for member in members:
        np.testing.assert_array_equal(together[member.name].corrupted, shift_scores(member.logits, few).corrupted)


def test_one_corrupted_copy_is_in_memory_at_a_time(blobs, guesser, monkeypatch):
    made = []

    def counted(*arguments, **options):
        assert all(copy() is None for copy in made)
        copy = corrupt(*arguments, **options)
        made.append(weakref.ref(copy.pixels))
        return copy

    monkeypatch.setattr(copies, "corrupt", counted)
    shift_scores(guesser("one").logits, blobs.subset(np.arange(6)))
    assert len(made) == 5 * KINDS


def test_each_kind_is_a_line_of_the_log(blobs, guesser, caplog):
    with caplog.at_level("INFO", logger="zoo.evaluation"):
        shift_scores(guesser("one").logits, blobs, limit=6)
    lines = [record.message for record in caplog.records]
    assert len(lines) == KINDS
    assert re.search(rf"motion_blur.*4 of {KINDS}.*6 images", lines[3])


def test_answers_of_another_shape_are_refused(blobs):
    with pytest.raises(ValueError, match="logits"):
        shift_scores(lambda shown: np.zeros(len(shown)), blobs)
