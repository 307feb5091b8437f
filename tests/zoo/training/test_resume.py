"""zoo/training/loop.py and checkpoint.py: a killed training goes on as if nothing had been, to the last bit."""

from dataclasses import replace

import numpy as np
import pytest

from zoo import Recipe

pytestmark = pytest.mark.fits

RECIPE = Recipe(head_epochs=1, epochs=2, batch_size=16, learning_rate=3e-3, views=2, warmup=0.2, patience=None)
HEAD_ALONE = replace(RECIPE, epochs=0)  # the fastest, where the phase does not matter


eagerly = pytest.mark.usefixtures("eagerly")  # where the last bit does not count


def _assert_same(first, second):
    for own, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(own, other)


@pytest.mark.parametrize(
    ("epochs", "options"),
    [
        pytest.param(0, {}, marks=pytest.mark.slow),
        (1, {"ema": 0.9, "optimizer": "lion", "accumulate": 3}),
        pytest.param(1, {}, marks=pytest.mark.slow),
        pytest.param(
            2,
            {"ema": 0.9, "optimizer": "lion", "accumulate": 3, "mix": "both", "head_epochs": 0, "epochs": 3},
            marks=pytest.mark.slow,
        ),
        pytest.param(
            2,
            {"schedule": "plateau", "drop_after": 1, "cache": "none", "epochs": 0, "head_epochs": 3},
            marks=pytest.mark.slow,
        ),
        pytest.param(
            2, {"graph_layers": ({"layer": "RandomFlip"},), "head_epochs": 0, "epochs": 3}, marks=pytest.mark.slow
        ),
    ],
)
def test_a_killed_training_ends_as_an_undisturbed_one(tmp_path, epochs, options, train_tiny, kill):
    recipe = replace(RECIPE, **options)
    undisturbed, expected = train_tiny(recipe)
    with pytest.raises(kill.Error):
        train_tiny(recipe, tmp_path, [kill(epochs)])
    network, trained = train_tiny(recipe, tmp_path)
    _assert_same(network, undisturbed)
    assert trained.history == expected.history


@eagerly
def test_a_finished_training_is_not_run_again(tmp_path, train_tiny, kill):
    first, _ = train_tiny(HEAD_ALONE, tmp_path)
    second, trained = train_tiny(HEAD_ALONE, tmp_path, [kill(0)])
    _assert_same(first, second)
    assert len(trained.history) == 1


@eagerly
def test_another_recipe_does_not_go_on_from_there(tmp_path, train_tiny, kill):
    train_tiny(HEAD_ALONE, tmp_path)
    with pytest.raises(kill.Error):
        train_tiny(replace(HEAD_ALONE, head_learning_rate=1e-4), tmp_path, [kill(0)])


@pytest.mark.slow
def test_early_stopping_survives_a_kill(tmp_path, train_tiny, kill):
    recipe = replace(
        RECIPE, patience=1, epochs=12, head_epochs=0, ema=0.5, learning_rate=0.3, warmup=0.0, schedule="constant"
    )
    undisturbed, expected = train_tiny(recipe)
    assert len(expected.history) < 12
    with pytest.raises(kill.Error):
        train_tiny(recipe, tmp_path, [kill(len(expected.history) - 1)])
    network, trained = train_tiny(recipe, tmp_path)
    _assert_same(network, undisturbed)
    assert trained.history == expected.history


@eagerly
def test_progress_that_cannot_be_written_stops_nothing(tmp_path, caplog, train_tiny):
    (tmp_path / "progress").write_text("no folder")
    network, _ = train_tiny(HEAD_ALONE, tmp_path)
    _assert_same(network, train_tiny(HEAD_ALONE)[0])
    assert caplog.text.count("progress is not kept") == 1


@pytest.mark.slow
def test_mixed_precision_goes_on_after_a_kill(tmp_path, train_tiny, kill):
    recipe = replace(RECIPE, head_epochs=0)
    undisturbed, _ = train_tiny(recipe, precision="mixed_float16")
    with pytest.raises(kill.Error):
        train_tiny(recipe, tmp_path, [kill(1)], precision="mixed_float16")
    _assert_same(train_tiny(recipe, tmp_path, precision="mixed_float16")[0], undisturbed)


@eagerly
def test_other_code_of_the_same_layers_does_not_go_on_from_there(tmp_path, train_tiny, kill):
    train_tiny(HEAD_ALONE, tmp_path)
    with pytest.raises(kill.Error):
        train_tiny(HEAD_ALONE, tmp_path, [kill(0)], builder="b")
