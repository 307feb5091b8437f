"""Presets: members, recipe and the rest, chosen by the images, the machine and the weights that can be had."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from zoo.data.groups import counts_by_class, units
from zoo.data.images import Splits
from zoo.ensemble_options import DISTANCE, EnsembleOptions
from zoo.models.head import Head
from zoo.models.plan import Plan
from zoo.planning.machine import Machine
from zoo.planning.preset_choice import Choice
from zoo.training.recipe import Recipe
from zoo.utils.text import count_of, suggestion

SCRATCH = "simple_cnn"  # where no pretrained weights can be had
FOLDS = 5
PATCH = 32  # sides inside a graph are multiples of what networks divide them by
# Small networks first where there is no GPU: two cores fine-tune them on thousands of images within an hour.
CPU = (
    "efficientnet_lite0",
    "mobilenet_v2",
    "efficientnet_lite2",
    "efficientnet_v2_b0",
    "mobilenet_v3_large",
    "mobilenet_v2_035",
    "mobilenet_025",
)
GPU = ("convnext_tiny", "efficientnet_v2_s", "efficientnet_v2_b3", *CPU)
# Where a time limit has no room for an epoch of the first one, in this order.
SWIFT = ("efficientnet_lite0", "mobilenet_v2", "mobilenet_v2_035", "mobilenet_025")
# The highest rate of these: on 9,000 cells better than 3e-4, after 2 epochs and after 5 (docs/training.md).
RATE = 6e-4
# While features are frozen, MobileNetV2's tell cells apart better than EfficientNet-Lite0's (0.926 for 0.908 on 1,712
# cells); once both are tuned, worse.
FROZEN = ("mobilenet_v2", *(name for name in CPU if name != "mobilenet_v2"))


@dataclass(frozen=True, kw_only=True)
class Preset:
    """What a preset asks for.

    Attributes:
        members: how many at most.
        tunes: pretrained networks are fine-tuned; otherwise their heads alone are solved.
        images: that a member sees in all epochs of fine-tuning; from scratch three times as many.
        epochs: fewest and most.
        sides: the least and the largest side of images inside a graph, in pixels, of pretrained members.
        few: below so many training images members are trained in five folds.
        views: test-time views, where they help.
    """

    members: int
    tunes: bool
    images: int
    epochs: tuple[int, int]
    sides: tuple[int, int]
    few: int = 0
    views: str = "none"


PRESETS = {
    "fast": Preset(members=1, tunes=False, images=60_000, epochs=(5, 30), sides=(96, 128)),
    "balanced": Preset(members=3, tunes=True, images=120_000, epochs=(10, 30), sides=(96, 224)),
    "best": Preset(members=5, tunes=True, images=240_000, epochs=(12, 40), sides=(128, 256), few=2_000, views="flips"),
}


def check_preset(name: str) -> str:
    """Return a preset's name.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in PRESETS:
        listed = ", ".join(PRESETS)
        raise ValueError(f"Expected preset as one of {listed}; received {name!r}. {suggestion(name, PRESETS)}")
    return name


def choose(
    name: str,
    data: Splits,
    options: EnsembleOptions,
    machine: Machine,
    at_hand: Callable[[Sequence[str], int], list[str]],
    own: Sequence[Plan] = (),
) -> Choice:
    """Choose members, recipe, folds and views.

    Args:
        name: of the preset.
        data: images to train on and to validate with.
        options: of the ensemble: head, weights, seed; its recipe, where it has one, is kept but for its epochs.
        machine: what there is.
        at_hand: of names of backbones the first so many whose pretrained weights can be had.
        own: the user's members, where the preset is not to choose them.

    Raises:
        ValueError: no preset of that name, or own members some of which start from pretrained weights.
    """
    preset = PRESETS[check_preset(name)]
    wanted = GPU if machine.gpus else CPU if preset.tunes else FROZEN
    known = [] if own else at_hand(wanted, preset.members)
    _check_alike(own)
    plans = tuple(own) or _plans(_backbones(known, preset.members), preset, data, options)
    may_be_slow = known and preset.tunes and options.time_limit is not None
    swift = at_hand(_swifter(known[0]), len(SWIFT)) if may_be_slow else []
    base = options.recipe or Recipe()
    recipe = _recipe(preset, data, base, plans)
    chosen = {
        "recipe": recipe,
        "folds": options.folds or (0 if options.uncertainty == DISTANCE else _folds(preset, data)),
        "refit": options.refit,
        "snapshots": options.snapshots,
        "views": preset.views if options.views == "none" else options.views,
    }
    return Choice(
        plans=plans,
        options=chosen,
        why=f"{_why(name, data, machine, plans)}; {_changes(base, recipe)}",
        swift=_plans(swift, preset, data, options),
    )


def _folds(preset: Preset, data: Splits) -> int:
    """Five folds of few images, or as many as the rarest class can be divided into; 0 for none."""
    if len(data.train) >= preset.few:
        return 0
    possible = min(FOLDS, int(counts_by_class(data.train, units(data.train)).min()))
    return possible if possible > 1 else 0


def _swifter(backbone: str) -> Sequence[str]:
    """The networks that train faster."""
    return SWIFT[SWIFT.index(backbone) + 1 :] if backbone in SWIFT else SWIFT


def _plans(backbones: Sequence[str], preset: Preset, data: Splits, options: EnsembleOptions) -> tuple[Plan, ...]:
    side = _side(data, preset, pretrained=SCRATCH not in backbones)
    return tuple(
        _plan(backbone, backbones[:number].count(backbone), side, options) for number, backbone in enumerate(backbones)
    )


def _check_alike(own: Sequence[Plan]) -> None:
    """Check that one recipe suits all members."""
    starts = {plan.pretrained: plan.backbone for plan in own}
    if len(starts) > 1:
        raise ValueError(
            "Expected members that all start from pretrained weights, or none, with a preset or a time limit (zoo: "
            f"--preset, --time); received {starts[True]}, which does, and {starts[False]}, which does not. Leave one "
            "out, or give a recipe and no preset."
        )


def _backbones(known: Sequence[str], count: int) -> list[str]:
    """So many members: other networks first, then other seeds of the best ones."""
    names = list(known)[:count] or [SCRATCH]
    return [names[number % len(names)] for number in range(count)]


def _plan(backbone: str, repeated: int, side: int | None, options: EnsembleOptions) -> Plan:
    return Plan(
        backbone=backbone,
        head=options.head or Head(),
        weights=None if backbone == SCRATCH else options.weights,
        weights_dir=options.weights_dir,
        resize=side if options.resize is None else options.resize,
        high_pass=options.high_pass,
        seed=options.seed + repeated,
    )


def _side(data: Splits, preset: Preset, *, pretrained: bool) -> int | None:
    """The side inside the graph; None where the images' own is within the limits, or nothing is pretrained."""
    least, most = preset.sides
    smallest, largest = min(data.train.image_size), max(data.train.image_size)
    if largest > most:
        return most
    return least if pretrained and smallest < least else None


def _recipe(preset: Preset, data: Splits, base: Recipe, plans: Sequence[Plan]) -> Recipe:
    """The user's recipe, with epochs, rate and the head's solver chosen where the user has not."""
    if base.adapt == "probe":  # it has no epochs to choose
        return base
    fewest, most = preset.epochs
    epochs = max(fewest, min(most, round(preset.images / len(data.train))))
    if not plans[0].pretrained:
        return _filled(base, epochs=3 * epochs, head_epochs=0)
    chosen = {"head_solver": "lbfgs", "head_epochs": 1, "views": 2} if _solves(base) else {}
    chosen |= {"learning_rate": RATE} if preset.tunes and {plan.backbone for plan in plans} <= {*CPU} else {}
    adapts = "lora" in {base.adapt, *(plan.adapt for plan in plans)}  # which is no head alone
    return _filled(base, epochs=epochs if preset.tunes or adapts else 0, **chosen)


def _filled(base: Recipe, **chosen: Any) -> Recipe:
    """Words that the user changed stay."""
    return replace(
        base, **{name: value for name, value in chosen.items() if getattr(base, name) == getattr(Recipe, name)}
    )


def _solves(recipe: Recipe) -> bool:
    return (
        recipe.devices == "one"
        and recipe.mix == "none"
        and not recipe.graph_layers
        and recipe.cache != "none"
        and recipe.views > 0
    )


def _changes(base: Recipe, recipe: Recipe) -> str:
    """What the recipe has instead of the user's, or of the default."""
    old, new = asdict(base), asdict(recipe)
    changed = [f"{name} {value}" for name, value in new.items() if value != old[name]]
    return f"recipe with {', '.join(changed)}" if changed else "the recipe as given"


def _why(name: str, data: Splits, machine: Machine, plans: Sequence[Plan]) -> str:
    size = "x".join(map(str, data.train.image_size))
    device = machine.gpus[0] if machine.gpus else f"{count_of(machine.cores, 'core')}, no GPU"
    weights = "pretrained" if plans[0].pretrained else "from scratch, as no pretrained weights can be had"
    members = ", ".join(plan.backbone for plan in plans)
    return (
        f"{name}: {len(data.train):,} images of {size} in {len(data.classes)} classes, {device}: at most {members}, "
        f"{weights}"
    )
