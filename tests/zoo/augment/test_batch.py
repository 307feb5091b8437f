"""Augmented batches: the same pixels whoever draws them, and the share that is changed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import Parallel, delayed

from zoo.augment import POLICIES, augment, make_policy

PICTURES = np.random.default_rng(0).integers(0, 256, (24, 12, 9, 3), dtype=np.uint8)
ROWS = np.arange(100, 124)
ALL = make_policy(("composite", "rand", "standard", "trivial", "flips"))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 23), max_size=30), st.sampled_from([*map(make_policy, POLICIES), ALL]))
def test_a_picture_comes_out_the_same_in_any_batch(places, policy):
    whole = augment(PICTURES, ROWS, policy, (3, 1))
    some = augment(PICTURES[places], ROWS[places], policy, (3, 1))
    np.testing.assert_array_equal(some, whole[places])


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_workers_give_what_one_gives(backend):
    pictures, rows = np.concatenate([PICTURES] * 8), np.arange(192)
    parts = Parallel(n_jobs=4 if backend == "threading" else 2, backend=backend)(
        delayed(augment)(pictures[start : start + 16], rows[start : start + 16], ALL, (1, 2))
        for start in range(0, 192, 16)
    )
    np.testing.assert_array_equal(np.concatenate(parts), augment(pictures, rows, ALL, (1, 2)))


@pytest.mark.parametrize("policy", [*map(make_policy, POLICIES), ALL], ids=[*POLICIES, "all"])
def test_results_are_new_uint8_arrays_and_the_pictures_stay(policy):
    before = PICTURES.copy()
    augmented = augment(PICTURES, ROWS, policy, (0,))
    assert augmented.shape == PICTURES.shape
    assert augmented.dtype == np.uint8
    assert not np.shares_memory(augmented, PICTURES)
    np.testing.assert_array_equal(PICTURES, before)
    assert np.array_equal(augmented, PICTURES) == policy.is_identity


@pytest.mark.parametrize("policy", [make_policy(name) for name in POLICIES], ids=POLICIES)
@pytest.mark.parametrize("size", [(1, 1), (1, 6), (5, 1), (2, 3), (33, 14)])
def test_pictures_of_any_size_and_order_in_memory_go(policy, size):
    pictures = np.random.default_rng(0).integers(0, 256, (60, *size, 3), dtype=np.uint8)
    turned = np.ascontiguousarray(pictures.transpose(0, 3, 2, 1)).transpose(0, 3, 2, 1)
    augmented = augment(pictures, np.arange(60), policy, (0,))
    np.testing.assert_array_equal(augment(turned, np.arange(60), policy, (0,)), augmented)


def test_rows_seeds_and_epochs_all_count():
    same = np.repeat(PICTURES[:1], 24, axis=0)
    policy = make_policy("standard")
    seeds = [(0, 0), (0, 1), (1, 0), (0,), (0, 0, 0)]
    drawn = np.concatenate([augment(same, ROWS, policy, seed) for seed in seeds])
    assert len({picture.tobytes() for picture in drawn}) == len(drawn)


def test_large_rows_and_seeds_go():
    large = np.array([2**62, 2**62 + 1], np.int64)
    augmented = augment(np.repeat(PICTURES[:1], 2, axis=0), large, make_policy("standard"), (2**80,))
    assert not np.array_equal(*augmented)


@pytest.mark.parametrize("share", [0.0, 0.35, 0.8, 1.0])
@pytest.mark.parametrize("name", ["standard", "composite"])
def test_so_large_a_share_of_the_images_is_changed(name, share):
    pictures = np.repeat(PICTURES[:1], 600, axis=0)
    augmented = augment(pictures, np.arange(600), make_policy(name, share=share), (0,))
    changed = (augmented != pictures).any(axis=(1, 2, 3)).mean()
    assert changed == pytest.approx(share, abs=0 if share in (0, 1) else 0.06)


def test_rand_changes_four_fifths_of_the_images_but_for_draws_that_change_nothing():
    pictures = np.repeat(PICTURES[:1], 600, axis=0)
    augmented = augment(pictures, np.arange(600), make_policy("rand", operations=6), (0,))
    assert (augmented != pictures).any(axis=(1, 2, 3)).mean() == pytest.approx(0.8, abs=0.05)


def test_the_stream_of_a_seed_does_not_move():
    """Stored members were trained on it: another order of flips is another version."""
    number = np.arange(4, dtype=np.uint8).reshape(1, 2, 2, 1).repeat(3, axis=-1)
    flipped = augment(number.repeat(12, axis=0), np.arange(12), make_policy("flips"), (7, 3))
    assert flipped[:, 0, 0, 0].tolist() == [2, 0, 0, 1, 1, 3, 1, 3, 1, 3, 0, 0]


@pytest.mark.parametrize(
    ("pictures", "rows", "message"),
    [
        (PICTURES.astype(np.float32), ROWS, r"uint8.*\(24, .*float32"),
        (PICTURES[..., :1], ROWS, r"\(24, 12, 9, 1\)"),
        (PICTURES[0], ROWS, r"\(12, 9, 3\)"),
        (PICTURES[:, :0], ROWS, r"\(24, 0, 9, 3\)"),
        (PICTURES, ROWS[1:], r"rows.*\(23,\)"),
        (PICTURES, ROWS.astype(float), "rows.*float64"),
        (PICTURES, ROWS - 101, "rows.*-1"),
    ],
)
def test_other_arrays_are_refused(pictures, rows, message):
    with pytest.raises(ValueError, match=message):
        augment(pictures, rows, make_policy("rand"), (0,))


@pytest.mark.parametrize("seed", [(-1,), (0, 1.5), ()])
def test_other_seeds_are_refused(seed):
    with pytest.raises(ValueError, match="seed"):
        augment(PICTURES, ROWS, make_policy("rand"), seed)


def test_no_pictures_give_no_pictures():
    assert augment(PICTURES[:0], ROWS[:0], make_policy("rand"), (0,)).shape == (0, 12, 9, 3)
