"""zoo/planning/presets.py: what is chosen by the images, the machine and the weights that can be had."""

import tomllib
from dataclasses import replace

import numpy as np
import pytest

from zoo import Ensemble, Recipe
from zoo.config import config_from
from zoo.data import Splits, as_images
from zoo.ensemble_options import EnsembleOptions
from zoo.models.head import Head
from zoo.models.plan import Plan
from zoo.planning.as_toml import as_toml
from zoo.planning.machine import Machine
from zoo.planning.presets import CPU, PRESETS, SCRATCH, choose
from zoo.utils.typecheck import choices, hints

MACHINE = Machine(cores=2, memory=8 << 30, gpus=(), disk=1 << 30)


def _data(count, side):
    pixels = np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    return Splits(as_images(pixels, np.arange(count) % 2, classes=("a", "b")))


def _choose(name, count=100, side=64, known=CPU, machine=MACHINE, **options):
    def at_hand(names, most):
        return [name for name in names if name in known][:most]

    return choose(name, _data(count, side), Ensemble(**options), machine, at_hand)


def test_the_names_are_those_of_the_option():
    assert set(PRESETS) == set(choices(hints(EnsembleOptions)["preset"]))


def test_members_are_those_whose_weights_can_be_had_then_other_seeds():
    found = _choose("balanced", known=("mobilenet_v2", "mobilenet_v3_large"))
    assert [(p.backbone, p.seed) for p in found.plans] == [
        ("mobilenet_v2", 0),
        ("mobilenet_v3_large", 0),
        ("mobilenet_v2", 1),
    ]


def test_without_weights_members_are_trained_from_scratch_for_longer():
    scratch, tuned = _choose("balanced", known=()), _choose("balanced")
    assert {(p.backbone, p.weights, p.resize) for p in scratch.plans} == {(SCRATCH, None, None)}
    assert scratch.recipe.epochs == 3 * tuned.recipe.epochs
    assert scratch.recipe.head_solver == "gradient"


def test_a_gpu_gets_larger_networks():
    found = _choose("balanced", known=("convnext_tiny", *CPU), machine=replace(MACHINE, gpus=("gpu:0",)))
    assert found.plans[0].backbone == "convnext_tiny"


def test_fast_solves_the_head_alone_and_the_others_tune():
    assert (_choose("fast").recipe.epochs, _choose("fast").recipe.head_solver) == (0, "lbfgs")
    assert _choose("fast", known=()).recipe.epochs > 0
    assert not _choose("fast").tunes
    assert _choose("balanced").tunes


def test_small_networks_are_tuned_at_a_higher_rate():
    default = Recipe().learning_rate
    assert _choose("balanced").recipe.learning_rate > default
    gpu = _choose("balanced", known=("convnext_tiny", *CPU), machine=replace(MACHINE, gpus=("gpu:0",)))
    assert gpu.recipe.learning_rate == _choose("balanced", known=()).recipe.learning_rate == default
    assert _choose("balanced", recipe=Recipe(learning_rate=1e-5)).recipe.learning_rate == 1e-5


def test_more_images_need_fewer_epochs():
    epochs = [_choose("balanced", count=count, side=8).recipe.epochs for count in (100, 6_000, 40_000)]
    assert epochs == [30, 20, 10]


@pytest.mark.parametrize(("side", "inside"), [(28, 96), (96, None), (224, None), (400, 224)])
def test_sides_lie_within_the_presets_limits(side, inside):
    (first, *_) = _choose("balanced", count=4, side=side).plans
    assert first.resize == (None if inside is None else (inside, inside))


def test_few_images_get_folds_in_the_best_preset():
    assert _choose("best", count=100, side=8).options["folds"] == 5
    assert _choose("best", count=3_000, side=8).options["folds"] == 0
    assert _choose("best", count=3_000, side=8, folds=3).options["folds"] == 3


def test_what_the_user_chose_stays():
    found = _choose("balanced", recipe=Recipe(epochs=2, batch_size=8, augment="none"), views="d4", seed=4)
    assert (found.recipe.epochs, found.recipe.batch_size, found.recipe.augment) == (2, 8, "none")
    assert found.options["views"] == "d4"
    assert found.plans[0].seed == 4
    assert _choose("balanced", recipe=Recipe(mix="mixup")).recipe.head_solver == "gradient"


def test_the_size_and_the_filter_that_the_user_chose_stay():
    for known in (CPU, ()):
        found = _choose("balanced", known=known, resize=(48, 64), high_pass=True)
        assert {(plan.resize, plan.high_pass) for plan in found.plans} == {((48, 64), True)}
    written = config_from(tomllib.loads(as_toml(found, EnsembleOptions(resize=(48, 64), high_pass=True))))
    assert (written.resize, written.high_pass) == ((48, 64), True)


def test_frozen_features_and_tuned_networks_are_of_different_backbones_first():
    assert [_choose(name).plans[0].backbone for name in ("fast", "balanced")] == ["mobilenet_v2", "efficientnet_lite0"]


def test_faster_networks_stand_in_for_a_first_one_that_is_too_slow():
    found = _choose("balanced", time_limit=60)
    assert [plan.backbone for plan in found.swift] == ["mobilenet_v2", "mobilenet_v2_035", "mobilenet_025"]
    assert [len(one.plans) for one in found.stand_ins] == [1, 1, 1]
    assert found.stand_ins[0].recipe == found.recipe
    known, machine = ("convnext_tiny", *CPU), replace(MACHINE, gpus=("gpu:0",))
    assert _choose("balanced", known=known, machine=machine, time_limit=60).swift[0].backbone == "efficientnet_lite0"
    for names in ((), ("mobilenet_025",)):
        assert _choose("balanced", known=names, time_limit=60).swift == ()


@pytest.mark.parametrize(("name", "limit", "expected"), [("fast", 60, 1), ("balanced", None, 3), ("balanced", 60, 6)])
def test_no_weights_are_looked_for_that_nobody_needs(name, limit, expected):
    asked = []

    def at_hand(names, most):
        asked.extend(names[:most])
        return list(names[:most])

    choose(name, _data(100, 64), Ensemble(time_limit=limit), MACHINE, at_hand)
    assert len(asked) == expected


def test_the_reasons_name_images_machine_and_weights():
    assert all(word in _choose("fast").why for word in ("100 images", "64x64", "2 cores", "mobilenet_v2", "pretrained"))
    assert "from scratch" in _choose("fast", known=()).why
    assert "1 core," in _choose("fast", machine=replace(MACHINE, cores=1)).why


def test_another_name_is_refused(refused):
    with refused("preset", "quick", "fast"):
        _choose("quick")
    with refused("preset", "quick"):
        Ensemble(["simple_cnn"], preset="quick").check()


def test_the_toml_has_the_options_of_each_member():
    own = [
        Plan(backbone="simple_cnn", weights=None, seed=7, high_pass=True, resize=32, head=Head(units=(64,))),
        Plan(backbone="simple_cnn", weights=None, seed=1, resize=48),
        Plan(backbone="simple_cnn", name="mine", weights=None, weights_dir="own", seed=2, resize=32),
    ]
    options = EnsembleOptions(preset="balanced")
    found = choose("balanced", _data(100, 64), options, MACHINE, lambda names, most: [], own)
    written = config_from(tomllib.loads(as_toml(found, options))).plans()
    assert written == own


def test_members_of_which_some_are_pretrained_are_refused(refused):
    own = [Plan(backbone="mobilenet_v2"), Plan(backbone="simple_cnn", weights=None)]
    with refused("preset", "mobilenet_v2", "simple_cnn"):
        choose("balanced", _data(100, 64), EnsembleOptions(), MACHINE, lambda names, most: [], own)


def test_folds_are_no_more_than_the_rarest_class_has_images():
    pixels = np.random.default_rng(0).integers(0, 255, (200, 8, 8, 3), dtype=np.uint8)

    def folds(rare):
        data = Splits(as_images(pixels, (np.arange(200) < rare).astype(int), classes=("a", "b")))
        return choose("best", data, EnsembleOptions(), MACHINE, lambda names, most: []).options["folds"]

    assert [folds(rare) for rare in (1, 4, 20)] == [0, 4, 5]


def test_low_rank_matrices_are_no_head_alone():
    lora = [Plan(backbone="mobilenet_v2", adapt="lora")]
    found = choose("fast", _data(100, 64), EnsembleOptions(), MACHINE, lambda names, most: [], lora)
    assert found.recipe.epochs > 0
    first = found.tuning_nothing()
    assert (first.recipe.epochs, first.plans[0].adapt) == (0, None)
    by_recipe = _choose("balanced", recipe=Recipe(adapt="lora")).tuning_nothing()
    assert (by_recipe.recipe.epochs, by_recipe.recipe.adapt) == (0, "tune")


def test_distances_leave_no_folds():
    assert _choose("best", uncertainty="distance").options["folds"] == 0
    assert _choose("best").options["folds"] > 0
