"""Every kind of file that is read: where it lies in the workspace, and what the library makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from drills.workspace import probe_images


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes:
        name: for the report.
        root: the folder of the workspace that is copied for a trial.
        pattern: glob of the files in it.
        probe: has the library read it, given the copied folder and the file; returns what it says, as plain values.
        sealed: another answer, and not only an error, is a loss; otherwise the file is the user's own word.
        may_be_none: the library may also say that there is nothing, and make it anew.
    """

    name: str
    root: str
    pattern: str
    probe: Callable[[Path, Path], Any]
    sealed: bool = True
    may_be_none: bool = False


def run(root: Path, file: Path) -> Any:
    from zoo import Ensemble

    ensemble = Ensemble.load(root)
    images = probe_images()
    answers = ensemble.answer(images)
    return {
        "logits": ensemble.member_logits(images),
        "probabilities": ensemble.predict_proba(images),
        "labels": answers.labels,
        "uncertainty": answers.uncertainty,
        "accepted": answers.accepted,
        "sets": answers.sets,
        "classes": list(ensemble.class_names_),
        "leaderboard": [dict(row) for row in ensemble.leaderboard()],
    }


def record_of_run(root: Path, file: Path) -> Any:
    from zoo.state.run_record import read_run_record

    return str(read_run_record(root))


def prune(root: Path, file: Path) -> Any:
    """What a run answers after everything went that no ensemble needs."""
    from zoo.state.run_folder import remove, spare_parts

    remove(root, spare_parts(root))
    return run(root, file)


def choices_of_run(root: Path, file: Path) -> Any:
    from zoo.cli.run_config import chosen_config
    from zoo.cli.scored_images import run_columns, run_group_from
    from zoo.config import Config

    return [(chosen_config(root) or Config()).as_dict(), run_group_from(root), run_columns(root, root / "x.csv")]


def exported(root: Path, file: Path) -> Any:
    from zoo import load_saved_model

    saved = load_saved_model(root)
    return {**saved.answer_batch(probe_images()), "classes": list(saved.class_names_)}


def graph(root: Path, file: Path) -> Any:
    """What answers for ``zoo predict``, whatever its format."""
    from zoo.inference.graphs import open_graph

    opened = open_graph(root)
    return {"probabilities": opened.answer(probe_images())["probabilities"], "classes": list(opened.classes)}


def rule(root: Path, file: Path) -> Any:
    import ensembles

    logits = np.random.default_rng(1).normal(0, 1, (3, 5, 3)).astype(np.float32)
    return ensembles.load(root).combine(logits)


def _images() -> Any:
    """The held-out images of the workspace's run, whose logits its store keeps."""
    from drills.workspace import CLASSES, pictures
    from zoo.data import as_images, split

    return split(as_images(*pictures(48), CLASSES), validation=0.25).validation


def logits(root: Path, file: Path) -> Any:
    """Kept logits, read again or, where they are refused, not."""
    from zoo.members.store import Store

    key = file.parent.parent.name
    return Store(root).find_logits(key, _images(), 3)


def member(root: Path, file: Path) -> Any:
    """A member of the store: found, or made again."""
    from zoo.members.store import Store

    found = Store(root).find(file.parent.name)
    return None if found is None else [found.logits(probe_images()), list(found.classes or ())]


def speed(root: Path, file: Path) -> Any:
    from zoo.members.store import Store

    return Store(root).find_speed(file.parent.name)


def choices(root: Path, file: Path) -> Any:
    from zoo.members.choices import tell_of_others
    from zoo.members.store import Store

    tell_of_others(Store(root), file.parent.name.rpartition("-")[0], {"recipe": {"epochs": 7}})
    return "told"


def kept_fit(root: Path, file: Path) -> Any:
    from zoo.state.kept_fits import KeptFits

    return KeptFits(file.parent).find(file.stem)


def progress(root: Path, file: Path) -> Any:
    from zoo.training.checkpoint import read_progress

    found = read_progress(file)
    return None if found is None else vars(found)


def parts(root: Path, file: Path) -> Any:
    """Complete parts as they were, from the first one on; those behind are predicted again."""
    from zoo.inference.resumable_parts import Parts

    folder = Parts(root / "answers.csv.parts")
    plan = {"format": 2, "images": {"count": 8, "digest": "x"}, "model": "y", "options": {"part_rows": 4}}
    read = [folder.read(number) for number in range(folder.begin(plan))]
    made = [(number, np.arange(4) + 4 * number, np.full((4, 3), number / 3, np.float32)) for number in range(len(read))]
    right = all(
        np.array_equal(part.places, places)
        and np.array_equal(part.answers["probabilities"], values)
        and not part.failures
        for part, (_, places, values) in zip(read, made, strict=True)
    )
    return "right" if right else [vars(part) for part in read]


def configuration(root: Path, file: Path) -> Any:
    from zoo.config import read_config

    config = read_config(file)
    return [str(plan) for plan in config.plans()]


def decisions(root: Path, file: Path) -> Any:
    from zoo.cleaning.decisions import read_decisions

    return sorted(map(str, read_decisions(file).goes.items()))


def labelled(root: Path, file: Path) -> Any:
    import zoo

    splits = zoo.load(file, decoded=root / "decoded", whole=False)
    return [splits.train.labels, splits.train.take(np.arange(len(splits.train)))]


def folder(root: Path, file: Path) -> Any:
    return labelled(root, root / "folder")


def listed(root: Path, file: Path) -> Any:
    from zoo.data.loading import list_images

    source = list_images(file)
    read = source.reader(root / "scratch")
    return [read(index, (16, 16)) for index in range(len(source))]


def sample(root: Path, file: Path) -> Any:
    from zoo.inference.sample import read_sample

    found = read_sample(file)
    return [found.ids, found.others]


def picture(root: Path, file: Path) -> Any:
    from zoo.data.pictures.decode import decode
    from zoo.data.pictures.pixel_reading import as_reading

    return np.array(decode([file], root / "decoded", reading=as_reading(depth_range=(0, 63_000)))[0])


def decoded(root: Path, file: Path) -> Any:
    """Pictures that were decoded before: as they were, or decoded anew."""
    from zoo.data.pictures.decode import decode

    return np.array(decode(sorted((root / "folder").rglob("*.png")), root / "decoded")[0])


def keras_file(root: Path, file: Path) -> Any:
    from zoo.members.member import Member
    from zoo.models.keras_file import KerasFile

    model = KerasFile(model=file).read()
    return Member.from_keras(model).logits(probe_images())


def weights(root: Path, file: Path) -> Any:
    from zoo.models.registry import spec
    from zoo.models.weights_file import load_file

    chosen = spec("simple_cnn")
    backbone = chosen.builder((16, 16, 3))
    load_file(backbone, chosen, file)
    return backbone.get_weights()


KINDS = (
    Kind("record of a run", "run", "ensemble.json", run),
    Kind("record of an ensemble", "run", "ensembles/*/ensemble.json", prune),
    Kind("arrays of an ensemble", "run", "ensembles/*/**/*.npy", run),
    Kind("how a run came about", "run", "run.json", record_of_run, sealed=False),
    Kind("configuration of a run", "run", "config.json", choices_of_run, sealed=False),
    Kind("record of a member", "run", "members/*/member.json", run),
    Kind("network of a member", "run", "members/*/model.keras", run),
    Kind("member in a store", "run", "members/*/m*", member, may_be_none=True),
    Kind("logits in a store", "run", "members/*/logits/*.npy", logits, may_be_none=True),
    Kind("speed in a store", "run", "members/*/speed.json", speed, sealed=False),
    Kind("choices in a store", "run", "members/*/choices.json", choices, sealed=False),
    Kind("rule in a store", "run", "rules/*.json", kept_fit, may_be_none=True),
    Kind("what prune reads", "run", "ensemble.json", prune),
    Kind("rule", "rule", "*", rule),
    Kind("manifest", "export", "manifest.json", exported),
    Kind("SavedModel", "export", "**/*", exported),
    Kind("SavedModel to predict", "export", "**/*", graph),
    Kind("ONNX", "export_onnx", "*", graph),
    Kind("parts of a table", "parts", "*/**/*", parts, may_be_none=True),
    Kind("progress of a training", "progress", "*.npz", progress, may_be_none=True),
    Kind("configuration", "input", "config.*", configuration, sealed=False),
    Kind("decisions", "input", "decisions.csv", decisions, sealed=False),
    Kind("table", "input", "table.*", labelled, sealed=False),
    Kind("archive of arrays", "input", "*.npz", labelled, sealed=False),
    Kind("archive to predict", "input", "*.npz", listed, sealed=False),
    Kind("array to predict", "input", "*.npy", listed, sealed=False),
    Kind("sample submission", "input", "sample.csv", sample, sealed=False),
    Kind("picture", "input", "plain.*", picture, sealed=False),
    Kind("picture of 16 bits", "input", "deep.*", picture, sealed=False),
    Kind("picture in a folder", "input", "folder/*/*.png", folder, sealed=False),
    Kind("decoded pictures", "input", "decoded/*", decoded),
    Kind("network of the user", "input", "mine.keras", keras_file, sealed=False),
    Kind("weights", "input", "backbone.weights.h5", weights, sealed=False),
)


def plain(value: Any) -> Any:
    """An answer in a form that compares, rounded to what another order of additions changes."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return [list(value.shape), np.round(value.astype(float), 4).tolist()]
    if isinstance(value, np.ndarray):
        return [list(value.shape), value.tolist()]
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def as_text(value: Any) -> str:
    """The text of :func:`plain`."""
    return json.dumps(plain(value), sort_keys=True)
