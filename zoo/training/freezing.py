"""What of a backbone trains, and how fast.

Keras reads ``trainable`` when a model is compiled, so compile after each change.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras

from zoo.models.cloning import leaf_layers
from zoo.training.low_rank import is_adapted, train_pair_only
from zoo.training.recipe_options import Unfreeze
from zoo.utils.text import suggestion

GROUPS = 12
NOTED = "frozen_by_builder"


def unfreeze(backbone: keras.Model, what: Unfreeze | None, *, train_batch_norm: bool) -> None:
    """Let the last part of a backbone train and freeze the rest; of one with low-rank pairs only these train.

    Layers that its builder froze, such as fixed filters, stay frozen: what is frozen at the first call.

    Args:
        backbone: the model to set.
        what: ``"all"``, a number of layers, a fraction of the parameters (below 1), the beginning of a
            stage's layer names, or None for nothing; counted from the output. Where that has no weights to train,
            it goes back to the last layer that has.
        train_batch_norm: False keeps batch norms as they are, at inference statistics.

    Raises:
        ValueError: no layer has such a name.
    """
    leaves = list(leaf_layers(backbone))
    fixed = _frozen_by_builder(backbone, leaves)
    open_from = _first_trainable(leaves, what)
    backbone.trainable = True
    inner = [layer for leaf in leaves for layer in leaf._flatten_layers()]  # one may hold others, each with a switch
    for layer in inner:
        kept = isinstance(layer, keras.layers.BatchNormalization) and not train_batch_norm
        layer.trainable = not kept and id(layer) not in fixed
    if any(is_adapted(layer) for layer in inner):
        _leave_pairs(inner)
    if what is not None:
        open_from = min(open_from, _last_with_weights(leaves))
    for leaf in leaves[:open_from]:
        for layer in leaf._flatten_layers():
            layer.trainable = False


def _frozen_by_builder(backbone: keras.Model, leaves: Sequence[keras.layers.Layer]) -> frozenset[int]:
    """Ids of the layers that were frozen when the backbone was built, noted on it at the first call.

    A builder that froze all of them, as Keras' guides do for a head, leaves the choice to the recipe.
    """
    if not hasattr(backbone, NOTED):
        inner = [layer for leaf in leaves for layer in leaf._flatten_layers()]
        some = any(layer.trainable_weights for layer in inner)
        frozen = frozenset(id(layer) for layer in inner if not layer.trainable)
        setattr(backbone, NOTED, frozen if some else frozenset())
    found: frozenset[int] = getattr(backbone, NOTED)
    return found


def _leave_pairs(layers: Sequence[keras.layers.Layer]) -> None:
    """Freeze all but low-rank pairs. A layer that holds others is a switch for them, and stays on."""
    for layer in layers:
        if is_adapted(layer):
            train_pair_only(layer)
        else:
            for variable in (*layer._trainable_variables, *layer._non_trainable_variables):
                variable.trainable = False


def rate_scales(backbone: keras.Model, variables: Sequence[keras.Variable], decay: float) -> list[float]:
    """Scale the rate of each variable by its depth: ``decay`` to the power of the groups of layers above it.

    Args:
        backbone: whose layers with weights fall into 12 groups, from input to output, or as many as there are.
        variables: what trains; those that are not the backbone's, the head's, have the scale 1.
        decay: factor from one group to the one before it.
    """
    weighted = [layer for layer in leaf_layers(backbone) if layer.weights]
    groups = min(GROUPS, len(weighted))
    above = {
        id(variable): groups - position * groups // len(weighted)
        for position, layer in enumerate(weighted)
        for variable in layer.weights
    }
    return [decay ** above.get(id(variable), 0) for variable in variables]


def _first_trainable(leaves: list[keras.layers.Layer], what: Unfreeze | None) -> int:
    if what == "all":
        return 0
    if what is None:
        return len(leaves)
    if isinstance(what, str):
        return _first_of_stage([layer.name for layer in leaves], what)
    if isinstance(what, int):
        return max(len(leaves) - what, 0)
    return _first_of_fraction(leaves, what)


def _last_with_weights(leaves: list[keras.layers.Layer]) -> int:
    return max((position for position, leaf in enumerate(leaves) if leaf.trainable_weights), default=0)


def _first_of_stage(names: list[str], stage: str) -> int:
    found = [position for position, name in enumerate(names) if name.startswith(stage)]
    if not found:
        raise ValueError(
            f"Expected unfreeze as 'all', a number, or how the names of a stage's layers begin; received {stage!r}. "
            f"{suggestion(stage, names)} They run from {names[0]} to {names[-1]}."
        )
    return found[0]


def _first_of_fraction(leaves: list[keras.layers.Layer], fraction: float) -> int:
    """Go back from the output until the fraction of the parameters is reached."""
    wanted = fraction * sum(layer.count_params() for layer in leaves)
    for position in reversed(range(len(leaves))):
        wanted -= leaves[position].count_params()
        if wanted <= 0:
            return position
    return 0
