"""Mixed batches: as the papers' formulas have them, the same for the same seed whatever else happens."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.augment.from_keras_cv import traced_mixing
from zoo.augment.mixing import ALPHAS, MIXES, mix

pytestmark = pytest.mark.fits

CLASSES = 5


def _batch(count=12, height=10, width=14):
    """One-coloured images, so that every pixel tells where it came from, and a class each."""
    pictures = (
        np.zeros((count, height, width, 3), np.uint8) + (np.arange(count, dtype=np.uint8) * 20)[:, None, None, None]
    )
    return pictures, np.eye(CLASSES, dtype=np.float32)[np.arange(count) % CLASSES]


def _noise(count=8, seed=0):
    random = np.random.default_rng(seed)
    targets = np.eye(CLASSES, dtype=np.float32)[random.integers(CLASSES, size=count)]
    return random.integers(0, 256, (count, 8, 8, 3), dtype=np.uint8), targets


def _assert_same(first, second):
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 12), st.sampled_from(MIXES), st.integers(0, 2**40), st.sampled_from([None, 0.01, 0.4, 1, 8.0]))
def test_images_stay_images_and_targets_sum_to_one(count, how, seed, alpha):
    pictures, targets = _noise(count)
    mixed, shares = mix(pictures, targets, how, seed=[seed], alpha=alpha)
    assert (mixed.dtype, mixed.shape) == (np.uint8, pictures.shape)
    assert (shares.dtype, shares.shape) == (np.float32, targets.shape)
    assert (shares >= 0).all()
    np.testing.assert_allclose(shares.sum(1), 1, atol=1e-6)


def test_mixup_weighs_image_and_label_alike():
    pictures, targets = np.zeros((2, 4, 4, 3), np.uint8), np.eye(2, dtype=np.float32)
    pictures[1] = 200
    seen = []
    for seed in range(40):
        mixed, shares = mix(pictures, targets, "mixup", seed=[seed], alpha=1.0)
        np.testing.assert_array_equal(mixed[..., 0], np.rint(200 * shares[:, 1])[:, None, None] * np.ones((4, 4)))
        seen += shares[:, 1].tolist()
    assert len({round(share, 2) for share in seen}) > 20


def test_cutmix_labels_are_the_shares_of_the_pixels():
    pictures, targets = _batch()
    for seed in range(20):
        mixed, shares = mix(pictures, targets, "cutmix", seed=[seed])
        origins = mixed[..., 0] // 20
        counted = np.stack([targets[origin].mean((0, 1)) for origin in origins])
        np.testing.assert_allclose(shares, counted, atol=1e-6)


def test_cutmix_pastes_one_rectangle_of_one_image_in_place():
    pictures, targets = _noise(6)
    mixed, _ = mix(pictures, targets, "cutmix", seed=[1])
    for number, picture in enumerate(mixed):
        changed = (picture != pictures[number]).any(-1)
        if not changed.any():
            continue
        rows, columns = (slice(found.min(), found.max() + 1) for found in np.nonzero(changed))
        pasted = picture[rows, columns]
        assert changed[rows, columns].mean() > 0.9
        assert any(np.array_equal(pasted, other[rows, columns]) for other in pictures)


def test_cutmix_reaches_every_pixel_of_an_oblong_image():
    pictures, targets = _batch()
    changed = sum(mix(pictures, targets, "cutmix", seed=[seed])[0] != pictures for seed in range(60))
    assert changed.any(axis=(0, 3)).all()


@pytest.mark.parametrize(
    ("alpha", "deviation"), [(0.2, 1 / np.sqrt(4 * 1.4)), (1.0, 1 / np.sqrt(12)), (8.0, 1 / np.sqrt(68))]
)
def test_shares_are_of_the_beta_distribution(alpha, deviation):
    """Its variance is 1 / (4 (2 alpha + 1)); an image that met itself says nothing and is left out."""
    pictures, targets = _batch(CLASSES)
    shares = np.concatenate([mix(pictures, targets, "mixup", seed=[s], alpha=alpha)[1].diagonal() for s in range(600)])
    assert abs(shares[shares < 1].std() - deviation) < 0.03


def test_the_papers_alphas_are_the_default():
    assert ALPHAS == {"mixup": 0.2, "cutmix": 1.0}
    for how, alpha in ALPHAS.items():
        _assert_same(mix(*_noise(), how, seed=[3]), mix(*_noise(), how, seed=[3], alpha=alpha))


def test_both_is_one_or_the_other_in_about_half_of_the_batches():
    pictures, targets = _batch()
    whole = [np.isin(mix(pictures, targets, "both", seed=[seed])[0], pictures).all() for seed in range(100)]
    assert 30 < sum(whole) < 70  # CutMix makes no new colour


@pytest.mark.parametrize("how", ["mixup", "cutmix", "both"])
def test_the_seed_alone_decides(how):
    first = mix(*_noise(), how, seed=[3, 1])
    tf.random.set_seed(9)
    tf.random.uniform([7])
    mix(*_noise(5), "both", seed=[8])
    _assert_same(mix(*_noise(), how, seed=[3, 1]), first)
    assert not np.array_equal(mix(*_noise(), how, seed=[3, 2])[0], first[0])


@pytest.mark.slow
def test_the_seed_alone_decides_while_other_threads_mix_and_draw():
    jobs = [(("mixup", "cutmix", "both")[seed % 3], seed) for seed in range(90)]
    alone = [mix(*_noise(4 + seed % 5, seed), how, seed=[seed]) for how, seed in jobs]

    def run(job):
        how, seed = job
        if seed % 7 == 0:
            tf.random.set_seed(seed)
        tf.random.uniform([3])
        return mix(*_noise(4 + seed % 5, seed), how, seed=[seed])

    with ThreadPoolExecutor(8) as pool:
        for one, other in zip(alone, pool.map(run, jobs), strict=True):
            _assert_same(one, other)


@pytest.mark.parametrize("how", ["mixup", "cutmix"])
def test_tensorflows_random_state_is_neither_read_nor_set(how):
    tf.random.set_seed(4)
    tf.random.get_global_generator().reset_from_seed(4)
    expected = tf.random.uniform([3]).numpy(), tf.random.get_global_generator().uniform([3]).numpy()
    tf.random.set_seed(4)
    tf.random.get_global_generator().reset_from_seed(4)
    mix(*_noise(), how, seed=[0])
    _assert_same(expected, (tf.random.uniform([3]).numpy(), tf.random.get_global_generator().uniform([3]).numpy()))


def test_what_is_given_stays_as_it_is():
    pictures, targets = _noise()
    before = pictures.copy(), targets.copy()
    for how in MIXES:
        mix(pictures, targets, how, seed=[0])
    _assert_same((pictures, targets), before)
    _assert_same(mix(pictures, targets, "none", seed=[0]), before)


@pytest.mark.parametrize("how", MIXES)
def test_one_image_comes_back_as_it_is(how):
    _assert_same(mix(*_noise(1), how, seed=[0]), _noise(1))


def test_under_mixed_precision_the_numbers_are_the_same():
    import keras

    expected = mix(*_noise(), "mixup", seed=[0])
    traced_mixing.cache_clear()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        _assert_same(mix(*_noise(), "mixup", seed=[0]), expected)
    finally:
        keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize(
    ("how", "alpha", "message"),
    [
        ("mix", None, "cutmix, both.*'mix'"),
        ("cutmix", 0, "alpha.*0"),
        ("mixup", float("nan"), "alpha.*nan"),
    ],
)
def test_bad_choices_are_errors(how, alpha, message):
    with pytest.raises(ValueError, match=message):
        mix(*_noise(), how, seed=[0], alpha=alpha)


def test_another_backend_is_an_error(monkeypatch):
    monkeypatch.setattr("keras.backend.backend", lambda: "jax")
    with pytest.raises(ValueError, match=r"TensorFlow.*'jax'"):
        mix(*_noise(), "mixup", seed=[0])
    assert mix(*_noise(), "none", seed=[0])


@pytest.mark.slow
def test_keras_cv_is_imported_late_and_says_nothing():
    code = (
        "import sys, tensorflow, zoo.augment.mixing as m, numpy as np; assert 'keras_cv' not in sys.modules;"
        "print('---', file=sys.stderr, flush=True);"
        "m.mix(np.zeros((2, 4, 4, 3), np.uint8), np.eye(2, dtype=np.float32), 'mixup', seed=[0]);"
        "assert 'keras_cv' in sys.modules"
    )
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == ""
    assert done.stderr.split("---\n")[1] == ""
