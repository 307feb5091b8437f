"""What rules are fitted on, known again by content."""

import numpy as np

from zoo.state.held_out_predictions import held_out_predictions_of, read_held_out_predictions


def test_logits_follow_the_images_order(blobs):
    logits = np.random.default_rng(0).normal(size=(2, 96, 3)).astype(np.float32)
    evidence = held_out_predictions_of(blobs, logits, 0)
    order = np.random.default_rng(1).permutation(96)
    np.testing.assert_array_equal(evidence.of(blobs.subset(order)), logits[:, order])
    assert evidence.covers(blobs.subset(order))
    assert not evidence.covers(blobs.subset(order[1:]))


def test_written_and_read_it_is_the_same(blobs, tmp_path):
    evidence = held_out_predictions_of(blobs, np.ones((2, 96, 3), np.float32), 4)
    evidence.write(tmp_path / "evidence")
    found = read_held_out_predictions(tmp_path / "evidence", 4)
    assert (found.digests, found.folds) == (evidence.digests, 4)
    np.testing.assert_array_equal(found.labels, blobs.labels)
    np.testing.assert_array_equal(found.logits, evidence.logits)
    assert sorted(path.suffix for path in (tmp_path / "evidence").iterdir()) == [".npy"] * 3


def test_copies_of_a_picture_keep_their_own_rows(blobs):
    twice = blobs.subset(np.array([5, 0, 1, 0]))
    held_out = held_out_predictions_of(twice, np.zeros((1, 4, 3), np.float32), 0)
    assert held_out.rows_of(twice) == [0, 1, 2, 3]
    assert held_out.rows_of(twice.subset(np.array([3, 2, 1]))) == [1, 2, 3]
