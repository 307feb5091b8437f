"""What a format is: how a graph is written, how its weights can be stored, and how a fresh process opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zoo.data.checks import as_pixels
from zoo.state.export_files import MANIFEST_FILE
from zoo.utils.files import check_mark, read_json
from zoo.utils.modules import check_installed
from zoo.utils.own_files import check_own
from zoo.utils.text import Size

if TYPE_CHECKING:
    from zoo.export.graph import EnsembleGraph

SAVED_MODEL = "saved_model"
FLOAT32, FLOAT16, INT8 = "float32", "float16", "int8"

UNCHECKED = """
def check(predict, images, outputs):
    pass
"""
# A fresh process runs this after the format's own scripts have defined ``opened`` and ``check``.
PREDICT = """
import json
import numpy as np
path, images_file, predictions_file = json.loads(sys.stdin.readline())
predict, images = opened(path), np.load(images_file)
parts = []
for start in range(0, len(images), 16):
    parts.append(predict(images[start : start + 16]))
    check(predict, images[start : start + 16], parts[-1])
np.savez(predictions_file, **{name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
"""


@dataclass(frozen=True)
class Format:
    """A way to write a graph.

    Attributes:
        name: as users give it.
        file: the file that marks a folder of this format.
        storages: how weights can be stored, the usual way first.
        write: writes a graph to a folder: graph, folder, storage, images to calibrate with.
        open: Python that defines ``opened(path)``, which opens a model as a function of images to predictions by name.
        check_script: Python that defines ``check(predict, images, outputs)``, which looks at what else was written.
        needs: modules that come with the extra of the format's name.
        suffix: of a path that is to be the one file itself; "" where there are several files, in a folder.
        signatures: by name the inputs of each; none where the format has no signatures.
    """

    name: str
    file: str
    storages: Sequence[str]
    write: Callable[[EnsembleGraph, Path, str, np.ndarray | None], None]
    open: str
    check_script: str = UNCHECKED
    needs: Sequence[str] = ()
    suffix: str = ""
    signatures: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def names_file(self, path: Path) -> bool:
        """Say whether a path is to be this format's one file, and not a folder."""
        return bool(self.suffix) and path.suffix.lower() == self.suffix and not path.is_dir()

    def check_place(self, path: Path) -> None:
        """Check that a graph can be written to a path: nothing is there, or an earlier export with its manifest.

        Raises:
            FileExistsError: something else is there.
        """
        alone = self.names_file(path)
        manifest = path.with_name(f"{path.name}.json") if alone else path / MANIFEST_FILE
        check_mark(path, None if alone else self.file)
        graph = path if alone else path / self.file
        check_own(graph, lambda _: manifest.is_file(), f"an export with its {manifest.name}")
        check_own(manifest, _is_manifest, "the record of an export")

    @property
    def read(self) -> str:
        """The script with which a fresh process opens what was written and predicts."""
        return self.open + self.check_script + PREDICT

    def check(self, storage: str, calibration: np.ndarray | None, image_size: Size) -> None:
        """Check that this installation can store weights in this way.

        Raises:
            ValueError: a storage that the format does not have, int8 without images of the ensemble's size, or images
                without int8.
            ImportError: an extra that is not installed.
        """
        if storage not in self.storages:
            known = ", ".join(self.storages)
            raise ValueError(
                f"Expected storage as one of {known} in {self.name}; received {storage!r}. Choose one of these."
            )
        if (storage == INT8) != (calibration is not None):
            what = "images to calibrate int8 with" if storage == INT8 else f"no images to calibrate {storage} with"
            raise ValueError(
                f"Expected {what}; received {'none' if storage == INT8 else 'some'}. "
                f"{'Pass some hundred' if storage == INT8 else 'Leave them out'}."
            )
        if calibration is not None and as_pixels(calibration).shape[1:3] != image_size:
            raise ValueError(
                f"Expected images of {image_size} to calibrate with; received {calibration.shape[1:3]}. Resize them."
            )
        check_installed(self.needs, self.name, f"write {self.name}")


def _is_manifest(path: Path) -> bool:
    """Whether a file is a manifest, or one that was cut."""
    try:
        return {"classes", "format", "files"} <= set(read_json(path))
    except (ValueError, TypeError):
        return True
