"""zoo/evaluation/per_class.py."""

import numpy as np
import pytest

from zoo.evaluation.per_class import confused_pairs


def test_pairs_are_counted_by_true_class_and_answer():
    labels, predicted = np.array([0, 0, 0, 1, 2]), np.array([0, 1, 1, 0, 2])
    assert confused_pairs(labels, predicted, ("a", "b", "c")) == [
        {"label": "a", "answer": "b", "images": 2, "share": pytest.approx(2 / 3)},
        {"label": "b", "answer": "a", "images": 1, "share": 1.0},
    ]


def test_no_confusion_is_said_in_words(trained, colours):
    table = trained.confusions(colours)
    predicted = np.array([row["class"] for row in trained.answered(colours)])
    wrong = predicted != np.array(colours.classes)[colours.validation.labels]
    assert sum(row["images"] for row in table) == wrong.sum()
    assert ("No image" in str(table)) == (not wrong.any())
