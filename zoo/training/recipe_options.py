"""The options of training, from which :class:`zoo.Recipe`, TOML files and the command line are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from zoo.augment import POLICIES
from zoo.augment.mixing import Mix
from zoo.augment.orientation import Flips
from zoo.data.sampling import Imbalance
from zoo.models.adaptation import Adapt
from zoo.utils.option_fields import option

Unfreeze = Literal["all"] | int | float | str


@dataclass(frozen=True, kw_only=True)
class RecipeOptions:
    """How a member is trained; what goes together is checked by the recipe."""

    adapt: Adapt = option(
        "tune",
        help="how a pretrained backbone is adapted: ``tune`` trains the head, then more of the network; ``lora`` does "
        "so by a pair of matrices of ``lora_rank`` beside each dense kernel of the backbone, which is added to the "
        "kernel in the end (Hu et al., arXiv:2106.09685), while all else of the backbone stays: less memory; ``probe`` "
        "leaves the backbone as it is, and solves for the head, one dense layer: the logistic regression on the "
        "features of all ``views``, its penalty chosen by cross-validation on the training images. Validation "
        "images decide nothing of a probe. It takes ``augment`` with its options, ``flips``, ``views``, "
        "``cache``, ``precision``, ``validate``, ``seed``, and ``imbalance`` as ``none`` or ``class_weights``; "
        "other options have to be at their default.",
        short="tune, lora (small matrices beside dense kernels; for transformers), or probe (the head alone, solved).",
    )
    head_epochs: int = option(
        3,
        help="epochs of the first phase, the backbone frozen; 0 leaves it out.",
        short="Epochs of the head, the backbone frozen.",
        least=0,
    )
    head_solver: Literal["gradient", "lbfgs"] = option(
        "gradient",
        help="how the first phase trains the head: by ``gradient`` steps; or, where it is one dense layer, by "
        "``lbfgs``: the logistic regression on the features of all ``views`` at once, in one epoch, its penalty chosen "
        "by the validation images (Kumar et al., arXiv:2202.10054). A member without pretrained weights has no such "
        "phase.",
        short="How the head is trained first; lbfgs takes seconds.",
    )
    head_learning_rate: float = option(1e-3, help="highest rate of the first phase.", above=0)
    head_final_learning_rate: float = option(
        0.0,
        help="the lowest that the schedule takes it to (the second report: 5e-4 to 1e-5).",
        least=0,
    )
    epochs: int = option(
        10,
        help="epochs of the second phase, fine-tuning; 0 leaves it out. A network without pretrained weights trains in "
        "one phase, of ``head_epochs`` and these together.",
        short="Epochs of fine-tuning; without pretrained weights they follow those of the head in one phase.",
        least=0,
    )
    learning_rate: float = option(3e-4, help="highest rate of the second phase.", above=0)
    final_learning_rate: float = option(0.0, help="its lowest (the second report: 1e-4 to 5e-6).", least=0)
    unfreeze: Unfreeze = option(
        "all",
        help='what of the backbone the second phase trains, counted from the output: ``"all"``, a number of layers '
        "(the first report: 30), a share of its parameters as a fraction below 1 (the second: 0.01 to 0.3), or a "
        """stage by its layers' name (``"block_13"``), from its first layer on. Where that has no weights to train, """
        "it goes back to the last layer that has.",
    )
    lora_rank: int = option(8, help="inner width of each pair of ``lora``.", least=1)
    train_batch_norm: bool = option(
        False,
        help="let unfrozen batch norms update their statistics; by default they keep ImageNet's, as Keras' guide to "
        "transfer learning advises: small batches would soon destroy what they know.",
    )
    layer_decay: float = option(
        1.0,
        help="the backbone's layers fall into 12 groups from input to output, or fewer where it has fewer, and each "
        "learns at so many times the rate of the next (Bao et al., BEiT, arXiv:2106.08254); 1 is one rate for "
        "all.",
        above=0,
        most=1,
    )
    optimizer: Literal["adamw", "adam", "lion", "sgd"] = option(
        "adamw",
        help="``adamw`` (Loshchilov and Hutter, arXiv:1711.05101), ``adam`` (Kingma and Ba, arXiv:1412.6980), ``lion``"
        " (Chen et al., arXiv:2302.06675) or ``sgd`` with momentum 0.9.",
    )
    weight_decay: float = option(
        1e-4,
        help="of kernels, never of biases and norms. Decoupled from the gradient but for ``adam``, where it is the L2 "
        "penalty that AdamW's paper compares with.",
        least=0,
    )
    clip_norm: float | None = option(
        1.0,
        help="gradients whose common norm is above it are scaled down to it (Pascanu et al., arXiv:1211.5063); None "
        "leaves them.",
        above=0,
    )
    ema: float = option(
        0.0,
        help="momentum of a running average of the weights, taken at every step, which is what is validated and kept "
        "(Tarvainen and Valpola, arXiv:1703.01780; 0.99 to 0.999); 0 for none.",
        least=0,
        below=1,
    )
    batch_size: int = option(32, help="images a step.", least=1)
    accumulate: int = option(
        1,
        help="steps whose gradients are averaged into one update, as if the batch were so many times larger. What is "
        "left over at the end of a phase, too few steps for an update, is not applied.",
        least=1,
    )
    schedule: Literal["cosine", "plateau", "step", "constant"] = option(
        "cosine",
        help="``cosine`` from the highest to the final rate (arXiv:1608.03983), ``step`` and ``plateau``, which "
        "multiply the rate by ``drop``, or ``constant``.",
    )
    warmup: float = option(
        0.1,
        help="share of a phase's steps over which the rate rises from 0 to the highest, under every schedule (Goyal et"
        " al., arXiv:1706.02677).",
        least=0,
        below=1,
    )
    drop: float = option(
        0.3,
        help="factor of ``step`` and ``plateau``, which never go below the final rate; other schedules have none.",
        above=0,
        below=1,
    )
    drop_after: int = option(
        2,
        help="epochs between two drops of ``step``; epochs without a better validation loss before ``plateau`` drops.",
        least=1,
    )
    label_smoothing: float = option(
        0.0,
        help="share of the target spread over all classes (Szegedy et al., arXiv:1512.00567).",
        least=0,
        below=1,
    )
    patience: int | None = option(
        5,
        help="epochs without a better validation loss after which a phase stops (Prechelt, 1998); None never stops. "
        "The best weights of all epochs are kept either way.",
        least=1,
    )
    validate: Literal["augmented", "shifted", "clean"] = option(
        "augmented",
        help="what the validation loss is taken on: images ``augmented`` as in training, always the same way; "
        "``shifted`` by two to four moderate corruptions each, the same for every recipe, so that recipes can be "
        "compared by it; or ``clean``. Clean scores do not tell which network withstands a shift. Validation images "
        "are never mixed, and ``graph_layers`` leave them alone.",
    )
    augment: str | Sequence[str] = option(
        "composite",
        help="the policy, or several that follow each other: ``none``, ``flips``, ``standard``, ``rand``, "
        "``composite``, ``robust``, ``trivial``; see :mod:`zoo.augment`.",
        short=f"A policy: {', '.join(POLICIES)}; several follow.",
    )
    magnitude: float | None = option(
        None,
        help="strength of its operations, 0 to 1; None is the policy's own.",
        short="Strength of the policy's operations, 0 to 1.",
    )
    operations: int | None = option(
        None,
        help="how many it draws for an image; None is the policy's own.",
        short="Operations that it draws for an image.",
    )
    share: float | None = option(
        None,
        help="of the images that it changes at all; None is the policy's own.",
        short="Share of the images that are changed.",
    )
    flips: Flips = option(
        "policy",
        help="the mirror images that are still of their class: ``none``, ``horizontal`` (left and right change "
        "sides), ``vertical`` or ``both``. The policy then makes no others; unless the value is ``both``, it turns "
        "images by 15 degrees at most. ``policy`` changes nothing.",
        short="Mirror images that are still of their class; the policy makes no others.",
    )
    stored_views: int = option(
        0,
        help="fine-tune on so many views of each image, 2 or more, of which the first is clean, computed once and "
        "shared by all members with the same policy and seed; 0 draws fresh ones every epoch.",
        least=0,
    )
    mix: Mix = option(
        "none",
        help="``mixup`` (Zhang et al., arXiv:1710.09412), ``cutmix`` (Yun et al., arXiv:1905.04899), ``both`` by "
        "turns, or ``none``.",
        short="Blend the images of a batch too.",
    )
    mix_alpha: float | None = option(
        None,
        help="parameter of the mixing shares' beta distribution; None is 0.2 for mixup and 1 for cutmix.",
        above=0,
    )
    graph_layers: Sequence[Mapping[str, Any]] = option(
        (),
        help="keras-cv layers in the training graph, in order, each a table of its name and arguments: ``{layer = "
        '"RandomHue", factor = 0.1}``; see :mod:`zoo.augment.graph_layers`.',
    )
    imbalance: Imbalance = option(
        "none",
        help="``undersample`` to the smallest class, anew each epoch; ``class_weights``; ``balanced_sampling`` of the "
        "classes; ``offline`` augmented copies up to the largest class; or ``none`` (Buda, Maki and Mazurowski "
        "compare them, arXiv:1710.05381). Under all but ``none`` every class counts the same in the validation "
        "loss.",
    )
    views: int = option(
        4,
        help="in the first phase each image comes in so many views, the first one clean, by turns; 0 draws fresh ones "
        "every epoch.",
        least=0,
    )
    cache: Literal["float16", "float32", "none"] = option(
        "float16",
        help="how the first phase keeps the backbone's features of those views, which are then computed once; ``none``"
        " computes them every epoch. Mixing and ``graph_layers`` change images anew, and leave nothing to keep.",
    )
    precision: Literal["auto", "float32", "mixed_float16", "mixed_bfloat16"] = option(
        "auto",
        help="of training (Micikevicius et al., arXiv:1710.03740); the member predicts in float32 whatever it was "
        "trained in. ``auto`` is ``mixed_bfloat16`` or ``mixed_float16`` on a GPU that is fast at it, else "
        "``float32``.",
    )
    devices: Literal["one", "all"] = option(
        "one",
        help="``all`` divides the images of a step among all GPUs, or whatever devices there are, under JAX "
        "(``keras.distribution``) or TensorFlow (``MirroredStrategy``); ``batch_size`` must divide by their number. An "
        "epoch leaves out the last images, fewer than there are devices and others each time. No features are kept.",
    )
    seed: int | None = option(
        None,
        help="of order, augmentation and mixing; None is the member's own. A common one lets members of different "
        "seeds share views and features.",
        least=0,
    )
