"""One small file of every kind that the library reads, made by the library itself on drawn images."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

SIZE = 16
CLASSES = ("blue", "green", "red")
COLOURS = np.array([[60, 60, 200], [60, 200, 60], [200, 60, 60]])


def pictures(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Images ``(count, 16, 16, 3)`` uint8 of one colour a class and noise, and labels ``(count,)``."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % len(CLASSES)
    noise = random.normal(0, 40, (count, SIZE, SIZE, 3))
    return np.clip(COLOURS[labels][:, None, None] + noise, 0, 255).astype(np.uint8), labels


def make_workspace(root: Path, *, networks: bool = True) -> None:
    """Write a run, its exports, a rule, parts, progress, tables, pictures, configurations and decisions.

    Args:
        root: the folder.
        networks: write what has a network in it, which takes half a minute: the run, its exports and Keras files.
    """
    pixels, labels = pictures(48)
    _write_pictures(root / "input", pixels[:12], labels[:12])
    _write_tables(root / "input", pixels, labels)
    _write_rule(root / "rule")
    _write_parts(root / "parts")
    _write_progress(root / "progress")
    _write_inputs(root / "input")
    if networks:
        ensemble = fit_small(root / "run")
        ensemble.export(root / "export", uncertainty=True)
        _write_onnx(ensemble, root)
        _write_keras(root / "input", ensemble)


def probe_images() -> np.ndarray:
    """The images that every probe asks about."""
    return pictures(6, seed=1)[0]


def fit_small(run: Path) -> Any:
    """Fit an ensemble of two small networks into a run, with its configuration and its record."""
    from zoo import Ensemble, Recipe
    from zoo.config import config_from
    from zoo.data import as_images, split
    from zoo.utils.files import write_json

    splits = split(as_images(*pictures(48), CLASSES), validation=0.25)
    recipe = Recipe(head_epochs=1, epochs=0, batch_size=16)
    options: dict[str, Any] = {"method": "soft", "uncertainty": "distance"}
    members = ["simple_cnn", "simple_cnn_regularized"]
    ensemble = Ensemble(members, recipe=recipe, store=run, **options).fit(splits)
    config = config_from({"members": members, "method": "soft", "recipe": {"epochs": 2}})
    write_json(run / "config.json", config.as_dict())
    _record(run, splits)
    return ensemble


def _record(run: Path, splits: Any) -> None:
    from datetime import datetime

    from zoo.state.run_record import record_run

    record_run(run, "demo", splits, datetime.now().astimezone(), ["nothing was left out"])


def _write_onnx(ensemble: Any, root: Path) -> None:
    try:
        ensemble.export(root / "export_onnx", format="onnx")
    except ImportError as error:
        print(f"  no ONNX file: {error}")


def _write_rule(folder: Path) -> None:
    import ensembles

    labels = np.arange(30) % 3
    logits = np.random.default_rng(0).normal(np.eye(3)[labels], 1, (3, 30, 3)).astype(np.float32)
    ensembles.save(ensembles.make_rule("stacked").fit(logits, labels), folder)


def _write_parts(folder: Path) -> None:
    from zoo.inference.resumable_parts import Part, Parts

    parts = Parts(folder / "answers.csv.parts")
    parts.begin({"format": 2, "images": {"count": 8, "digest": "x"}, "model": "y", "options": {"part_rows": 4}})
    for number in range(2):
        rows = np.arange(4) + 4 * number
        parts.write(number, Part(rows, {"probabilities": np.full((4, 3), number / 3, np.float32)}, {}))


def _write_progress(folder: Path) -> None:
    from zoo.training.checkpoint import Progress, write_progress

    arrays = [np.arange(6.0), None, np.ones((2, 3), np.float32)]
    history = [{"phase": "head", "epoch": 1, "loss": 0.5}]
    progress = Progress(0, 1, False, 0.5, 0, (0.5, 0), 1.5, history, arrays, arrays, arrays)
    for name in ("0123456789ab", "ba9876543210"):
        write_progress(folder / f"{name}.npz", progress)
        progress.best = 0.25


def _write_pictures(folder: Path, pixels: np.ndarray, labels: np.ndarray) -> None:
    folder.mkdir(parents=True)
    for row, (picture, label) in enumerate(zip(pixels, labels, strict=True)):
        (folder / "folder" / CLASSES[label]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(folder / "folder" / CLASSES[label] / f"{row}.png")
    from zoo.data.pictures.decode import decode

    picture = Image.fromarray(pixels[0]).resize((40, 30))
    for name in ("plain.png", "plain.jpg", "plain.webp", "plain.tif", "plain.gif", "plain.bmp"):
        picture.save(folder / name)
    Image.fromarray(np.arange(900, dtype=np.uint16).reshape(30, 30) * 70).save(folder / "deep.png")
    Image.fromarray(np.arange(900, dtype=np.uint16).reshape(30, 30) * 70).save(folder / "deep.tiff")
    decode(sorted((folder / "folder").rglob("*.png")), folder / "decoded")


def _write_tables(folder: Path, pixels: np.ndarray, labels: np.ndarray) -> None:
    files = sorted((folder / "folder").rglob("*.png"))
    rows = [(file.relative_to(folder).as_posix(), file.parent.name) for file in files]
    with (folder / "table.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("path", "label"), *rows])
    with (folder / "sample.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("id", "label"), *((name, "blue") for name, _ in rows)])
    np.savez(folder / "arrays.npz", images=pixels[:12], labels=labels[:12])
    np.savez_compressed(folder / "packed.npz", images=pixels[:12], labels=labels[:12])
    np.save(folder / "images.npy", pixels[:12])
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        return
    table = pyarrow.table({"path": [name for name, _ in rows], "label": [label for _, label in rows]})
    parquet.write_table(table, folder / "table.parquet")


def _write_inputs(folder: Path) -> None:
    from zoo.cleaning.findings import Finding
    from zoo.cleaning.table import write_table

    same: dict[str, Any] = {"check": "exact", "split": "train", "label": "blue", "score": 2.0, "decision": "drop"}
    same |= {"note": "", "group": 1, "partner": "", "partner_split": "", "partner_row": None, "digest": "00" * 16}
    found = [Finding(row=row, origin=f"{row}.png", **same) for row in range(3)]
    write_table(found, {}, folder / "decisions.csv")
    chosen = {"members": ["simple_cnn"], "recipe": {"epochs": 3, "learning_rate": 0.001}, "method": "soft", "seed": 3}
    (folder / "config.json").write_text(json.dumps(chosen))
    (folder / "config.toml").write_text(
        'members = ["simple_cnn"]\nmethod = "soft"\nseed = 3\n[recipe]\nepochs = 3\nlearning_rate = 0.001\n'
    )


def _write_keras(folder: Path, ensemble: Any) -> None:
    member = ensemble.members_[0]
    member.model.save(folder / "mine.keras")
    member.model.get_layer("backbone").save_weights(folder / "backbone.weights.h5")
