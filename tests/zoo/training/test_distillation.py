"""Targets of a student: the teacher's probabilities of the very picture that the student sees."""

import re

import numpy as np
import pytest

from zoo.augment import make_policy
from zoo.data.batches import Drawing, TrainingBatches
from zoo.data.views import CyclicViews, fixed_views
from zoo.training.distillation import Teacher, distillation_targets


def by_colour(pictures):
    """A classifier of red, green and blue, by what the picture has most of."""
    return pictures.mean(axis=(1, 2)) / 50


@pytest.fixture
def teacher():
    return Teacher(by_colour, "colour", share=0.6, temperature=2.0)


def test_targets_blend_the_label_with_what_the_teacher_says(teacher, blobs, tmp_path):
    targets = teacher.targets(blobs, blobs.labels, 3, tmp_path)
    odds = np.exp(by_colour(blobs.pixels) / 2)
    expected = 0.6 * odds / odds.sum(axis=1, keepdims=True) + 0.4 * np.eye(3)[blobs.labels]
    np.testing.assert_allclose(targets, expected, atol=1e-5)
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-5)


def test_a_view_is_answered_once_for_every_share_and_temperature(blobs, tmp_path):
    calls = []
    counting = Teacher(lambda pictures: calls.append(1) or by_colour(pictures), "colour")
    for share in (0.5, 1.0):
        Teacher(counting.logits, "colour", share=share).targets(blobs, blobs.labels, 3, tmp_path)
    assert len(calls) == 1
    assert Teacher(by_colour, "colour", share=0.5).fingerprint != Teacher(by_colour, "colour").fingerprint


def test_student_and_teacher_see_the_same_picture(blobs, tmp_path):
    teacher = Teacher(by_colour, "colour", share=1.0)
    views = fixed_views(blobs, make_policy("composite"), 3, seed=(0, 2))
    soft_targets = distillation_targets(teacher, views, blobs, tmp_path)
    batches = TrainingBatches(CyclicViews(views), blobs.labels, 3, Drawing(batch_size=32), soft_targets=soft_targets)
    for _ in range(2):
        pictures, targets, weights = batches[1]
        odds = np.exp(by_colour(pictures))
        np.testing.assert_allclose(targets, odds / odds.sum(axis=1, keepdims=True), atol=1e-5)
        np.testing.assert_allclose(weights, 1, atol=1e-5)
        batches.on_epoch_end()


def test_answers_stay_in_memory_where_there_is_no_room(teacher, blobs, tmp_path, caplog):
    (tmp_path / "file").write_text("no folder")
    targets = teacher.targets(blobs, blobs.labels, 3, tmp_path / "file")
    assert re.search("teacher.*memory", caplog.text)
    np.testing.assert_allclose(targets, teacher.targets(blobs, blobs.labels, 3, tmp_path), atol=1e-6)


def test_mistakes_are_named():
    with pytest.raises(ValueError, match=r"share.*0"):
        Teacher(by_colour, "colour", share=0)
    with pytest.raises(ValueError, match=r"temperature.*-1"):
        Teacher(by_colour, "colour", temperature=-1)
