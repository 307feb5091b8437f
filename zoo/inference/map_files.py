"""Heat maps of image files: each image beside its map as PNG, the maps as one array, and the answers as a table."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ensembles.metrics import softmax
from zoo.data.loading import list_images
from zoo.data.pictures.image_io import reason_or_raise
from zoo.data.pictures.pixel_reading import PixelReading
from zoo.data.pictures.tally import Tally
from zoo.data.unlabelled import Unlabelled
from zoo.explanation.ensemble_maps import LAYERCAM, OCCLUSION, check_method, explain, one_hot, scaled
from zoo.explanation.occlusion import occlusion_maps
from zoo.explanation.overlay import side_by_side
from zoo.export.loading import SavedEnsemble, load_saved_model
from zoo.inference.graphs import PROBABILITIES
from zoo.report.table_kind import TableKind
from zoo.state.export_files import manifest_file
from zoo.state.state import EnsembleState
from zoo.utils.chunks import spans
from zoo.utils.files import check_replaceable, replacing
from zoo.utils.named_paths import destination
from zoo.utils.progress import track
from zoo.utils.text import Size, suggestion

BATCH = 32
STEM = 200  # bytes of a file's name: file systems take 255 for the whole
CHECKED = 12  # images that are enough to check maps with
MAPS_FILE, TABLE_FILE, OVERLAYS = "maps.npy", "answers.csv", "overlays"
HEADS = ("path", "overlay", "class", "probability", "explained")
KIND = TableKind(HEADS)


@dataclass(frozen=True)
class Mapped:
    """What was written.

    Attributes:
        folder: with ``maps.npy`` ``(N, H, W)`` float32, ``answers.csv``, and ``overlays/`` with a PNG for each
            image, which shows it beside its map, enlarged.
        images: how many.
        left_out: by image, why it could not be read.
        first: the first images ``(n, H, W, 3)`` uint8, to check the maps with.
    """

    folder: Path
    images: int
    left_out: dict[str, str]
    first: np.ndarray


def write_maps(
    model: Any,
    data: Any,
    out: str | Path,
    *,
    method: str | None = None,
    member: str | None = None,
    explained: str | None = None,
) -> Mapped:
    """Explain images with a fitted ensemble or an exported SavedModel, and write what their answers rest on.

    Args:
        model: an ensemble, or a SavedModel's folder or the opened one, which can be explained by occlusion only.
        data: images, anything that :func:`zoo.predict` takes.
        out: the folder to write, which is replaced.
        method: as of :meth:`zoo.Ensemble.explain`; by default layercam, or occlusion of a SavedModel.
        member: name of the member to explain alone.
        explained: name of the class to explain; by default each image's answer.

    Raises:
        FileExistsError: the folder is there and holds other things than earlier maps.
        ValueError: a class or a member that there is not, or gradients of a SavedModel.
    """
    if method is not None:
        check_method(method)
    folder = destination(out)
    check_replaceable(folder, TABLE_FILE, (TABLE_FILE, MAPS_FILE, OVERLAYS))
    KIND.check(folder / TABLE_FILE)
    source = list_images(data)
    explainer = _explainer(model, method, member)
    wanted = None if explained is None else _class_id(explained, explainer.classes)
    with (
        replacing(folder, TABLE_FILE, also=(OVERLAYS,)) as beside,
        tempfile.TemporaryDirectory() as scratch,
    ):
        (beside / OVERLAYS).mkdir(parents=True)
        return _written(explainer, source, Path(scratch), beside, wanted, folder)


@dataclass(frozen=True, eq=False)
class _Explainer:
    """What answers and explains pixels ``(n, H, W, 3)`` uint8, the maps for class ids ``(n,)``."""

    classes: tuple[str, ...]
    image_size: Size
    reading: PixelReading
    probabilities: Callable[[np.ndarray], np.ndarray]
    maps: Callable[[np.ndarray, np.ndarray], np.ndarray]


def _explainer(model: Any, method: str | None, member: str | None) -> _Explainer:
    if isinstance(model, str | Path) and manifest_file(Path(model).expanduser()).is_file():
        model = load_saved_model(model)
    if isinstance(model, SavedEnsemble):
        return _of_saved(model, method or OCCLUSION, member)
    return _of_ensemble(model, method or LAYERCAM, member)


def _of_ensemble(ensemble: Any, method: str, member: str | None) -> _Explainer:
    state: EnsembleState = ensemble.state_
    return _Explainer(
        state.class_names,
        state.image_size,
        state.reading,
        lambda images: softmax(state.logits(images)),
        lambda images, ids: explain(state, images, classes=ids, method=method, member=member),
    )


def _of_saved(saved: SavedEnsemble, method: str, member: str | None) -> _Explainer:
    if method != OCCLUSION or member is not None:
        raise ValueError(
            f"Expected method {OCCLUSION!r} (zoo: --method {OCCLUSION}) and no member for a SavedModel, which has no "
            f"gradients; received {method!r}{'' if member is None else f' and {member!r}'}. Or name the run."
        )

    def probabilities(images: np.ndarray) -> np.ndarray:
        return np.asarray(saved.answer_batch(images)[PROBABILITIES])

    def maps(images: np.ndarray, ids: np.ndarray) -> np.ndarray:
        return scaled(occlusion_maps(probabilities, images, one_hot(ids, len(saved.class_names_))))

    return _Explainer(saved.class_names_, saved.image_size_, saved.reading, probabilities, maps)


def _written(
    explainer: _Explainer, source: Unlabelled, scratch: Path, folder: Path, wanted: int | None, out: Path
) -> Mapped:
    rows: list[list[str]] = []
    maps: list[np.ndarray] = []
    failed: dict[str, str] = {}
    first = np.empty(0)
    tally = Tally()
    read = source.reader(scratch, explainer.reading, tally)
    batches = list(spans(len(source), BATCH))
    for span in track(batches, "maps", len(batches), "batches"):
        names = [str(name) for name in source.names(np.arange(span.start, span.stop)).tolist()]
        pictures, kept = [], []
        for name, index in zip(names, range(span.start, span.stop), strict=True):
            try:
                pictures.append(read(index, explainer.image_size))
                kept.append(name)
            except Exception as error:
                failed[name] = reason_or_raise(error)
        if pictures:
            first = np.stack(pictures)[:CHECKED] if not rows else first
            found = list(_explained(explainer, np.stack(pictures), kept, folder, wanted, len(rows)))
            rows += [row for row, _ in found]
            maps += [heat for _, heat in found]
    tally.say(explainer.reading)
    if not rows:
        raise ValueError(f"Expected images that can be read; none of {len(source)} can: {next(iter(failed.values()))}")
    np.save(folder / MAPS_FILE, np.stack(maps))
    with (folder / TABLE_FILE).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADS, *rows])
    return Mapped(out, len(rows), failed, first)


def _explained(
    explainer: _Explainer, images: np.ndarray, names: list[str], folder: Path, wanted: int | None, before: int
) -> Iterator[tuple[list[str], np.ndarray]]:
    """Write the overlays of a batch; a row of the table and the map of each."""
    probabilities = explainer.probabilities(images)
    answers = probabilities.argmax(axis=1)
    ids = answers if wanted is None else np.full_like(answers, wanted)
    for index, heat in enumerate(explainer.maps(images, ids)):
        stem = Path(names[index]).stem.encode()[:STEM].decode(errors="ignore")
        file = f"{OVERLAYS}/{before + index:05d}-{stem}.png"
        Image.fromarray(side_by_side(images[index], heat)).save(folder / file)
        told = explainer.classes[answers[index]], f"{probabilities[index].max():.4f}", explainer.classes[ids[index]]
        yield [names[index], file, *told], heat


def _class_id(name: str, classes: tuple[str, ...]) -> int:
    if name not in classes:
        raise ValueError(
            f"Expected a class (zoo: --class) of {', '.join(classes)}; received {name!r}. {suggestion(name, classes)}"
        )
    return classes.index(name)
