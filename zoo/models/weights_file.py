"""A file of weights: read into a network that it fits, and identified by its content."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.models.registry import Spec
from zoo.utils.files import check_regular
from zoo.utils.hashing import hash_file, short_hash

if TYPE_CHECKING:
    import keras

PRESET = "config.json"  # in every preset's folder, of any layout
PRESET_FILES = (PRESET, "*.h5", "*.safetensors", "*.weights.json", "*.index.json")


def load_file(backbone: keras.Model, spec: Spec, path: Path) -> None:
    """Read a file of weights into a freshly built backbone; a hash in ``SHA256SUMS`` beside it is checked.

    Raises:
        OSError: there is no file.
        ValueError: the file does not fit the network, or its hash is another one.
    """
    check_regular(path)
    _check_listed_hash(path)
    try:
        _read(backbone, path)
    except Exception as error:  # Keras and h5py raise whatever a broken file leads them into
        raise ValueError(
            f"Expected {path} to hold weights of {spec.name!r} without its classifier; {str(error).rstrip('.')}. Copy "
            "the file again, or take another."
        ) from error


def _read(backbone: keras.Model, path: Path) -> None:
    with warnings.catch_warnings():
        # of a file that does not fit, Keras warns once a layer before it raises
        warnings.filterwarnings("ignore", message="Skipping nested container", category=UserWarning)
        backbone.load_weights(path)
    if path.name.endswith(".weights.h5"):
        _check_nothing_left(backbone, path)


def _check_nothing_left(backbone: keras.Model, path: Path) -> None:
    """Keras reads what a network needs and leaves the rest, so that a larger network's file may pass for it."""
    held, needed = _count_arrays(path), len(backbone.weights)
    if held != needed:
        raise ValueError(f"expected {needed} arrays; received {held}.")


def _count_arrays(path: Path) -> int:
    import h5py

    found: list[str] = []
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, entry: found.append(name) if isinstance(entry, h5py.Dataset) else None)
    return sum("seed_generator" not in name for name in found)


def _check_listed_hash(path: Path) -> None:
    sums = path.parent / "SHA256SUMS"
    if not sums.is_file():
        return
    entries = (line.split(maxsplit=1) for line in sums.read_text().splitlines())
    listed = {entry[1].strip().removeprefix("*"): entry[0] for entry in entries if len(entry) == 2}
    expected = listed.get(path.name)
    if expected is not None and expected.lower() != fingerprint(path):
        raise ValueError(
            f"Expected the file {path} that is listed in {sums}, of SHA-256 {expected}; "
            f"received {fingerprint(path)}. Copy it again."
        )


def fingerprint(source: Path | str | None) -> str:
    """Identify weights by content: a hash of the file or of the preset's files, or the name of where they come from."""
    if not isinstance(source, Path):
        return str(source)
    if source.is_dir():
        files = sorted({file for pattern in PRESET_FILES for file in source.glob(pattern)})
        return short_hash([part for file in files for part in (file.name, fingerprint(file))])
    return _sha256(source, _state(source))


def _state(path: Path) -> tuple[int, ...]:
    """What changes with a file's content while this process remembers its hash.

    The time of change is safe here only beside ``ctime``, which the system sets at every write and nobody can set back.
    """
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@lru_cache(maxsize=256)
def _sha256(path: Path, state: tuple[int, ...]) -> str:
    return hash_file(path)
