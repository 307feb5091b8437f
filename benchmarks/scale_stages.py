"""The stages of a fit that ``scale.py`` measures: each prepares in a folder of data, and returns the work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeAlias

import numpy as np

from zoo.data.images import Images, Splits

CLASSES, MEMBERS, FOLDS, STEPS = 10, 3, 5, 200
Work: TypeAlias = Callable[[], Any]


def listing(folder: Path) -> Work:
    """Class folders to files with labels, as a fit lists them, and to files to predict."""
    from zoo.data.folders.class_folders import class_names, labelled_files, take_stock, without_repeats
    from zoo.data.folders.layout import split_folders
    from zoo.data.folders.tree import survey
    from zoo.data.loading import list_images

    def work() -> None:
        tree = survey(folder / "files")
        folders = split_folders(tree)
        tree = without_repeats(tree, folders)
        listed = labelled_files(tree, folders["train"], class_names(tree, folders["train"]))
        take_stock(tree, folders, [path for path, _ in listed])
        del tree, listed
        list_images(folder / "files")

    return work


def decoding(folder: Path) -> Work:
    """Class folders to one mapped array: listing, hashes of the files, measuring, decoding."""
    from zoo.data.loading import load

    return lambda: load(folder / "files", decoded=mkdtemp(dir=folder))


def arrays(folder: Path) -> Work:
    """A mapped array and labels, checked."""
    return lambda: loaded(folder)


def hashing(folder: Path) -> Work:
    """The hash of the whole, and that of each image."""
    images = loaded(folder)

    def work() -> None:
        len(images.fingerprint), len(images.digests)

    return work


def duplicates(folder: Path) -> Work:
    from zoo.data.duplicates import without_duplicates

    splits = Splits(hashed(folder))
    return lambda: without_duplicates(splits)


def splitting(folder: Path) -> Work:
    from zoo.data.splits import hold_out

    splits = Splits(hashed(folder))
    return lambda: hold_out(splits)


def groups(folder: Path) -> Work:
    """Splitting where ten images each are of one patient."""
    from dataclasses import replace

    from zoo.data.splits import hold_out

    images = hashed(folder)
    splits = Splits(replace(images, groups=np.arange(len(images)) // CLASSES**2 * CLASSES + images.labels))
    splits.train.__dict__["digests"] = images.digests
    return lambda: hold_out(splits)


def folds(folder: Path) -> Work:
    from zoo.members.held_out import folds_of, without_each

    splits = divided(folder)
    return lambda: without_each(folds_of(splits, FOLDS, 0), splits)


def provenance(folder: Path) -> Work:
    """What was trained on and held out, written and read again, and compared with what is held out."""
    from zoo.state.held_out_predictions import held_out_predictions_of, read_held_out_predictions
    from zoo.state.provenance import provenance_of, read_provenance

    splits, own = divided(folder), Path(mkdtemp(dir=folder))
    validation = splits.to_validate()
    logits = np.zeros((MEMBERS, len(validation), CLASSES), np.float32)

    def work() -> None:
        provenance_of(splits, 0).write(own)
        held_out_predictions_of(validation, logits, 0).write(own)
        found = read_held_out_predictions(own, 0)
        if not found.covers(validation) or "trained" in read_provenance(own, 0).describe(validation, "validation"):
            raise RuntimeError("Expected validation images that nothing was trained on.")
        found.of(validation)

    return work


def batches(folder: Path) -> Work:
    """The order of two epochs, and some of their batches, augmented."""
    from zoo.augment import make_policy
    from zoo.data.batches import Drawing, LabelledBatches, TrainingBatches
    from zoo.data.views import Fresh, View

    splits, policy = divided(folder), make_policy("composite")
    train, held_out = splits.train, splits.to_validate()

    def work() -> None:
        drawn = TrainingBatches(Fresh(train, policy, (0,)), train.labels, CLASSES, Drawing(batch_size=32))
        checked = LabelledBatches(View(held_out, policy, (1,)), held_out, 32)
        for _ in range(2):
            for step in range(STEPS):
                drawn[step], checked[step]
            drawn.on_epoch_end()

    return work


def predicting(folder: Path) -> Work:
    """Held-out images by a network of one convolution; the network's own time is in it."""
    from zoo.members.member import Member
    from zoo.models.plan import Plan

    register()
    held_out = divided(folder).to_validate()
    member = Member("conv", Plan(backbone="one_convolution", classes=CLASSES, image_size=32, weights=None))
    member.logits(held_out.subset(np.arange(64)))
    return lambda: member.logits(held_out)


def rules(folder: Path) -> Work:
    """Every rule on three members' logits of the held-out fifth, out of fold too, with intervals."""
    import ensembles

    count = len(np.load(folder / "labels.npy")) // 5
    random = np.random.default_rng(0)
    labels = np.arange(count) % CLASSES
    logits = random.normal(size=(MEMBERS, count, CLASSES)).astype(np.float32) + 2 * np.eye(CLASSES, dtype="f4")[labels]

    def work() -> None:
        for name in ensembles.RULES:
            rule = ensembles.calibrated(ensembles.make_rule(name), "none", "temperature")
            fitted = ensembles.cross_fit(rule.fit(logits, labels), logits, labels)
            for score in ("accuracy", "balanced_accuracy"):
                ensembles.bootstrap.interval(fitted.combine(logits), labels, score)

    return work


def fit(folder: Path) -> Work:
    """All of it: load, drop duplicates, hold out, train one epoch, predict, fit rules, score, save."""
    import keras

    from zoo import Ensemble, Recipe

    register()
    recipe = Recipe(head_epochs=1, epochs=0, batch_size=256, validate="clean", augment="none")
    keras.utils.set_random_seed(0)
    source = np.load(folder / "images.npy", mmap_mode="r"), np.load(folder / "labels.npy")
    ensemble = Ensemble(["one_convolution"], recipe=recipe, store=mkdtemp(dir=folder), weights=None)
    return lambda: ensemble.fit(source)


STAGES: dict[str, Callable[[Path], Work]] = {
    stage.__name__: stage
    for stage in (
        listing, decoding, arrays, hashing, duplicates, splitting, groups, folds, provenance, batches, predicting,
        rules, fit,
    )
}  # fmt: skip


def loaded(folder: Path) -> Images:
    from zoo.data.loading import load

    return load((np.load(folder / "images.npy", mmap_mode="r"), np.load(folder / "labels.npy"))).train


def hashed(folder: Path) -> Images:
    images = loaded(folder)
    len(images.digests)
    return images


def divided(folder: Path) -> Splits:
    from zoo.data.splits import hold_out

    splits = hold_out(Splits(hashed(folder)))
    for _, images in splits.items():
        len(images.digests)
    return splits


def register() -> None:
    import keras

    from zoo.models import registry

    @registry.register(pixels="tf", min_size=4)
    def one_convolution(input_shape: tuple[int, ...], weights: Any = None) -> keras.Model:
        images = keras.Input(input_shape)
        return keras.Model(images, keras.layers.Conv2D(8, 4, strides=4, activation="relu", name="conv_1")(images))
