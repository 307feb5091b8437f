"""Rules out of fold, against ``ensembles.out_of_fold`` and what was fitted on what."""

import numpy as np
import pytest

import ensembles
from zoo.folds import out_of_fold

RANDOM = np.random.default_rng(0)
LABELS = RANDOM.integers(0, 3, 60)
LOGITS = (RANDOM.normal(0, 1, (2, 60, 3)) + 2 * np.eye(3)[LABELS]).astype(np.float32)


@pytest.mark.parametrize("rule", [ensembles.Soft(), ensembles.Weighted(), ensembles.Stacked(strength=1.0)])
def test_combining_the_same_logits_is_ensembles_out_of_fold(rule):
    expected = ensembles.out_of_fold(rule, LOGITS, LABELS)
    np.testing.assert_array_equal(out_of_fold(rule, LOGITS, LABELS).combine(LOGITS), expected)


def test_the_label_of_a_row_has_no_say_in_its_answer():
    copies = out_of_fold(ensembles.make_rule("stacked", strength=1.0), LOGITS, LABELS)
    others = LABELS.copy()
    held_out = copies.fold == 2
    others[held_out] = (others[held_out] + 1) % 3
    seen = ~held_out
    alone = ensembles.make_rule("stacked", strength=1.0).fit(LOGITS[:, seen], others[seen])
    np.testing.assert_array_equal(copies.combine(LOGITS + 1e-3)[held_out], alone.combine(LOGITS + 1e-3)[held_out])


def test_some_rows_are_answered_as_among_all():
    copies = out_of_fold(ensembles.make_rule("weighted"), LOGITS, LABELS)
    rows = np.array([41, 3, 17])
    np.testing.assert_array_equal(copies.of(rows).combine(LOGITS[:, rows]), copies.combine(LOGITS)[rows])


def test_the_rule_itself_stays_as_it_is():
    rule = ensembles.make_rule("weighted").fit(LOGITS[:, :30], LABELS[:30])
    before = rule.to_dict()
    out_of_fold(rule, LOGITS, LABELS)
    assert rule.to_dict() == before


def test_a_class_with_a_single_row_is_an_error():
    with pytest.raises(ValueError, match="at least 2 rows of every class"):
        out_of_fold(ensembles.make_rule("soft"), LOGITS[:, :3], np.array([0, 0, 1]))
