"""ensembles/nested_crossval.py: no row has a say in the choice by which it is predicted."""

import numpy as np

from ensembles.nested_crossval import nested_predictions

LABELS = np.arange(60) % 3


def test_every_row_is_predicted_by_what_others_chose():
    predicted = nested_predictions(
        lambda rows: frozenset(rows.tolist()),
        lambda choice: np.array([[row in choice, len(choice), 0] for row in range(60)]),
        LABELS,
    )
    assert predicted.shape == (60, 3)
    assert not predicted[:, 0].any()
    assert set(predicted[:, 1]) == {48}


def test_groups_stay_together():
    groups = np.repeat(np.arange(12), 5)
    labels = np.repeat(np.arange(3), 20)
    nested_predictions(
        lambda rows: np.testing.assert_array_equal(np.isin(groups, groups[rows]).nonzero()[0], np.sort(rows)),
        lambda choice: np.zeros((60, 3)),
        labels,
        groups=groups,
    )


def test_a_class_of_one_row_has_no_folds():
    labels = np.array([0, 0, 0, 1])
    assert nested_predictions(lambda rows: 0, lambda choice: np.zeros((4, 2)), labels) is None
