"""Pretrained weights: a path, a folder, Keras' download, or none - and never something else instead.

A folder is given as ``weights_dir=`` or by the environment variable ``ZOO_WEIGHTS``. A file in it belongs to the
backbone whose name begins its own, the longest name first: ``mobilenet_v2_035.weights.h5`` is for
``mobilenet_v2_035`` and not for ``mobilenet_v2``. Where the folder has a ``SHA256SUMS`` file, hashes are checked.

A backbone of KerasHub takes presets too: folders with a ``config.json``, in KerasHub's, Transformers' or timm's layout,
which may lie in the folder of weights under the backbone's name; and handles, such as ``hf://user/model``.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from zoo.models.cloning import copy_weights
from zoo.models.hub.building import ANOTHER
from zoo.models.registry import Shape, Spec, names
from zoo.models.weights_file import PRESET, load_file

if TYPE_CHECKING:
    import keras

logger = logging.getLogger(__name__)

FOLDER_VARIABLE = "ZOO_WEIGHTS"
KERAS_DOWNLOAD = "keras"
HUB = "hub"
MOST = 200  # characters of a message of KerasHub
Weights = str | Path | None
REMEDY = (
    f"Put the file into a folder that weights_dir= (zoo: --weights-dir) or {FOLDER_VARIABLE} names, pass weights=PATH, "
    "or weights=None (--weights none) to start from random weights."
)


class WeightsNotFoundError(FileNotFoundError):
    """Pretrained weights were requested and not found; the message names the file and the folders searched."""


def locate(spec: Spec, weights: Weights = "auto", folder: str | Path | None = None) -> Path | str | None:
    """Decide where a backbone's pretrained weights come from, without loading them.

    Args:
        spec: the backbone.
        weights: ``"auto"`` (official weights where the backbone has some, else none), ``"imagenet"``, the path
            of a file, the path of a folder or of a preset's, a preset's handle, or None for random ones.
        folder: where to look for files; by default the environment variable ``ZOO_WEIGHTS``.

    Returns:
        The file or the preset's folder, ``"keras"`` for Keras' own download and cache, the name or handle of a preset
        that KerasHub downloads or has in its cache, or None for random weights.

    Raises:
        ValueError: ImageNet weights of a backbone that has none; several files that fit.
        WeightsNotFoundError: a path that does not exist, or a folder without the file.
    """
    if weights is None or not wanted(spec, weights):
        return None
    if weights in ("auto", "imagenet"):
        return _pretrained(spec, folder)
    if spec.imagenet == HUB and "://" in str(weights):
        return str(weights)
    path = Path(weights).expanduser()
    if path.is_dir() and spec.imagenet == HUB and (path / PRESET).is_file():
        return path
    if path.is_dir():
        return _in_folder(spec, path) or _missing(spec, [str(path)])
    if not path.is_file():
        raise WeightsNotFoundError(
            f"Expected a weights file or folder for {spec.name!r}, 'auto', 'imagenet' or None; there is none at "
            f"{path}. {REMEDY}"
        )
    return path


def check_named(weights: Weights = "auto", folder: str | Path | None = None) -> None:
    """Check that the user's file or folder exists before searching it for weights.

    Raises:
        WeightsNotFoundError: no folder, or nothing at the path of weights.
    """
    searched = folder or os.environ.get(FOLDER_VARIABLE)
    if searched and weights is not None:
        _check_folder(Path(searched).expanduser())
    named = weights not in (None, "auto", "imagenet") and "://" not in str(weights)
    if named and not Path(str(weights)).expanduser().exists():
        raise WeightsNotFoundError(
            f"Expected weights as a file, a folder, 'auto', 'imagenet' or None; there is none at {weights}. {REMEDY}"
        )


def wanted(spec: Spec, weights: Weights = "auto") -> bool:
    """Check whether :func:`locate` looks for pretrained weights at all, without looking."""
    return weights is not None and not (weights == "auto" and spec.imagenet is None)


def load(backbone: keras.Model, spec: Spec, source: Path | str | None, folder: str | Path | None = None) -> None:
    """Put the weights that :func:`locate` found (for the same ``folder``) into a freshly built backbone.

    Raises:
        ValueError: the file does not fit the network, or its hash is not the one in ``SHA256SUMS``.
        WeightsNotFoundError: Keras could not download them.
    """
    if source is not None:
        _tell_terms(spec)
    if isinstance(source, Path):
        load_file(backbone, spec, source)
    elif source is not None:
        _copy_official(download(spec, folder), backbone, spec)


def _tell_terms(spec: Spec) -> None:
    """Tell, once in a process and before the weights are used, what their licence asks for."""
    if spec.terms and spec.terms not in _told:
        _told.add(spec.terms)
        logger.warning("%s", spec.terms)


_told: set[str] = set()


def of_preset(spec: Spec, source: Path | str, shape: Shape, folder: str | Path | None = None) -> keras.Model:
    """Build a backbone of KerasHub from the preset that :func:`locate` found; positions are resized to ``shape``.

    What a preset says beside its weights, such as the epsilon of its norms, holds.

    Raises:
        ImportError: KerasHub is not installed, or what it reads this preset with.
        ValueError: a preset of another backbone.
        WeightsNotFoundError: KerasHub could not download it.
    """
    _tell_terms(spec)
    builder: Any = spec.builder
    try:
        network: keras.Model = builder.from_preset(str(source), shape)
    except ImportError:
        raise
    except Exception as error:
        if isinstance(source, Path) or _is_of_another_network(error):
            raise ValueError(
                f"Expected a preset of {spec.name!r} in {source}; received: {_first_line(error)}. Pass the folder of "
                "another one as weights=, or name the backbone that it is of."
            ) from error
        searched = folder or os.environ.get(FOLDER_VARIABLE)
        places = [*([str(searched)] if searched else []), "the caches of Kaggle and Hugging Face"]
        _missing(spec, places, f"Downloading {source} failed: {_first_line(error.__cause__ or error)}. ")
    return network


def is_preset(spec: Spec, source: Path | str | None) -> bool:
    """Check whether what :func:`locate` found is a preset of KerasHub, from which the whole network is built."""
    return spec.imagenet == HUB and source is not None and not (isinstance(source, Path) and source.is_file())


def _is_of_another_network(error: Exception) -> bool:
    return isinstance(error, ValueError) and str(error).startswith(ANOTHER)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:MOST].rstrip(". ")


def _copy_official(official: keras.Model, backbone: keras.Model, spec: Spec) -> None:
    """Copy weights, unless the network has other layers at this size: NASNet-Large has, at most sizes but its own."""
    try:
        copy_weights(official, backbone)
    except ValueError as error:
        size = backbone.input_shape[1:3]
        raise ValueError(
            f"The official weights of {spec.name!r} do not fit the network that it is for images of {size}. "
            f"Pass resize={spec.image_size}, the size that they were made for."
        ) from error


def _pretrained(spec: Spec, folder: str | Path | None) -> Path | str:
    if spec.imagenet is None:
        raise ValueError(
            f"{spec.name!r} has no ImageNet weights: it is trained from scratch. Pass weights=None (or leave it out)."
        )
    searched = folder or os.environ.get(FOLDER_VARIABLE)
    found = _in_folder(spec, Path(searched).expanduser()) if searched else None
    if found is None and spec.imagenet == "file":
        return _missing(spec, [str(searched)] if searched else [])
    return found or (spec.preset if spec.imagenet == HUB else KERAS_DOWNLOAD)


def _in_folder(spec: Spec, folder: Path) -> Path | None:
    _check_folder(folder)
    if spec.imagenet == HUB and (folder / spec.name / PRESET).is_file():
        return folder / spec.name
    files = sorted(f for f in folder.glob(f"{spec.name}*.weights.h5") if _owner(f.name) == spec.name)
    exact = [f for f in files if f.name == f"{spec.name}.weights.h5"]
    if len(files) > 1 and not exact:
        listed = ", ".join(f.name for f in files)
        raise ValueError(f"Expected one weights file for {spec.name!r} in {folder}; received {listed}. Pass its path.")
    return next(iter(exact or files), None)


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise WeightsNotFoundError(f"Expected a folder of weights; there is none at {folder}. {REMEDY}")


def _owner(file_name: str) -> str:
    return max((name for name in names() if file_name.startswith(name)), key=len, default="")


def _missing(spec: Spec, folders: list[str], reason: str = "") -> NoReturn:
    looked = " and in ".join(folders) if folders else f"no folder (neither weights_dir nor {FOLDER_VARIABLE} is set)"
    preset = f" A preset's folder {spec.name}/ in it will do too." if spec.imagenet == HUB else ""
    raise WeightsNotFoundError(
        f"No pretrained weights for {spec.name!r}: wanted a file {spec.name}*.weights.h5, looked in {looked}. "
        f"{reason}{REMEDY}{preset}"
    )


def download(spec: Spec, folder: str | Path | None = None) -> keras.Model:
    """Build the official network at its own size, so that every size of ours gets the same numbers."""
    try:
        return spec.builder(None, weights="imagenet")
    except Exception as error:
        if not _is_download_failure(error):
            raise
        searched = folder or os.environ.get(FOLDER_VARIABLE)
        cache = f"Keras' cache ({os.environ.get('KERAS_HOME', '~/.keras')}/models)"
        _missing(spec, [str(searched), cache] if searched else [cache], f"Downloading failed: {error}. ")


def _is_download_failure(error: Exception) -> bool:
    return isinstance(error, OSError) or "URL fetch failure" in str(error)
