"""``build``: a backbone's name in, a member out."""

from __future__ import annotations

from pathlib import Path

from zoo.members.member import Member
from zoo.models.adaptation import Adapt
from zoo.models.head import Head
from zoo.models.plan import Plan
from zoo.models.pretrained import Weights
from zoo.utils.text import AnySize


def build(
    name: str,
    classes: int,
    *,
    image_size: AnySize | None = None,
    weights: Weights = "auto",
    weights_dir: str | Path | None = None,
    head: Head | None = None,
    high_pass: bool = False,
    resize: AnySize | None = None,
    seed: int = 0,
    adapt: Adapt | None = None,
) -> Member:
    """Make a member from a backbone's name.

    Args:
        name: a registered backbone; :func:`zoo.names` lists them.
        classes: how many there are.
        image_size: side or ``(height, width)`` of the images that will come, in pixels; by default the data's.
        weights: ``"auto"`` (ImageNet's where the backbone has some), ``"imagenet"``, a file, a folder, or None.
        weights_dir: folder of weights files; by default the environment variable ``ZOO_WEIGHTS``, then Keras'
            download and cache.
        head: the layers after the backbone.
        high_pass: put the fixed high-pass filter of :func:`zoo.models.preprocessing.high_pass` before the backbone.
        resize: resize inside the graph, to a side or ``(height, width)``, as from 96 to 224.
        seed: of the random weights, and of everything random in training.
        adapt: ``"probe"`` solves for its head on frozen features and tunes nothing, ``"lora"`` trains small matrices
            beside dense kernels, ``"tune"`` the network itself, see :class:`zoo.Recipe`; by default the recipe says.

    Raises:
        ValueError: an unknown name, or an option that does not fit; the message names what would.
        zoo.models.pretrained.WeightsNotFoundError: pretrained weights that cannot be had.
    """
    plan = Plan(
        backbone=name,
        classes=classes,
        image_size=image_size,
        weights=weights,
        weights_dir=weights_dir,
        head=head or Head(),
        high_pass=high_pass,
        resize=resize,
        seed=seed,
        adapt=adapt,
    )
    return Member(plan.name, plan)
