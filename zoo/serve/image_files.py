"""The files of two images around an export: one that runs ``zoo serve``, and one of TF Serving."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import distribution
from pathlib import Path

import zoo
from zoo.export.format import SAVED_MODEL
from zoo.export.manifest import read_manifest
from zoo.serve.decisions import decisions_of
from zoo.serve.settings import Settings
from zoo.utils.files import LITTER, replacing
from zoo.utils.own_files import check_own

TEMPLATES = Path(__file__).with_name("image")
MARK = "Dockerfile"
TF_SERVING = "2.19.1"  # an older TensorFlow, which runs the graph: its operations are older still
NEEDED = (  # what answering with a SavedModel imports, of the library's packages and of the extra
    "keras",
    "numpy",
    "scipy",
    "scikit-learn",
    "joblib",
    "threadpoolctl",
    "h5py",
    "Pillow",
    "opencv-python-headless",
    "Jinja2",
    "filelock",
    "tomli-w",
    "typer",
    "rich",
    "fastapi",
    "uvicorn",
    "httptools",
    "uvloop",
    "python-multipart",
    "prometheus-client",
)
SLIM = {"tensorflow": "tensorflow-cpu"}  # the same version, without the code for GPUs


def write_image_files(settings: Settings, folder: Path, options: Sequence[str] = ()) -> None:
    """Write a folder to build images from: two Dockerfiles, pinned requirements, the library's code and the model.

    Args:
        settings: with the model, an exported SavedModel, and what it is called in the images.
        folder: to write; what such a call wrote there before is replaced.
        options: with which the image calls ``zoo serve``.

    Raises:
        FileExistsError: a folder of something else, or a Dockerfile that no such call wrote.
        FileNotFoundError: no export, as of a run.
        ValueError: an export in another format, without the thresholds that are wanted, or one whose files were
            changed.
    """
    model, name = Path(settings.model), settings.name
    manifest = read_manifest(model)
    decisions_of(manifest, error=settings.error, coverage=settings.coverage)
    if manifest["format"] != SAVED_MODEL:
        raise ValueError(f"Expected a SavedModel for an image; received {manifest['format']}. Export one: zoo export.")
    check_own(folder / MARK, _is_image_file, f"an earlier {MARK} for `zoo serve`")
    with replacing(folder, MARK, also=("library", "model")) as beside:
        beside.mkdir()
        (beside / MARK).write_text(_filled(f"{MARK}.j2", name, options), encoding="utf-8")
        (beside / f"{MARK}.tf-serving").write_text(_filled(f"{MARK}.tf-serving.j2", name), encoding="utf-8")
        shutil.copy(TEMPLATES / "dockerignore", beside / ".dockerignore")
        (beside / "requirements.txt").write_text(requirements(), encoding="utf-8")
        ignored = shutil.ignore_patterns("__pycache__", *LITTER)
        shutil.copytree(model, beside / "model", ignore=ignored)
        code = Path(zoo.__file__).parents[1]
        for package in ("zoo", "ensembles"):
            shutil.copytree(code / package, beside / "library" / package, ignore=ignored)


def _is_image_file(path: Path) -> bool:
    return b'"zoo", "serve", "/srv/model"' in path.read_bytes()


def requirements() -> str:
    """The packages of an image, with all that they need, in the versions that are installed here."""
    lines = pinned([*NEEDED, "tensorflow"])
    named = [SLIM.get(name, name) + f"=={number}" for name, number in lines.items()]
    return "\n".join(sorted(named, key=str.lower)) + "\n"


def pinned(names: Iterable[str]) -> dict[str, str]:
    """Find the installed versions of packages, and of what these need on this machine, by name.

    Raises:
        importlib.metadata.PackageNotFoundError: one is not installed.
    """
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: dict[str, str] = {}
    waiting: list[tuple[str, frozenset[str]]] = [(canonicalize_name(name), frozenset()) for name in names]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        name, extras = one
        installed = distribution(name)
        found[name] = installed.version
        for line in installed.requires or ():
            needed = Requirement(line)
            marker = needed.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in (*extras, "")):
                waiting.append((canonicalize_name(needed.name), frozenset(needed.extras)))
    return found


def _filled(template: str, name: str, options: Sequence[str] = ()) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(loader=loader, undefined=StrictUndefined, keep_trailing_newline=True)
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    filling = {"name": name, "options": options, "python": python, "tf_serving": TF_SERVING}
    return environment.get_template(template).render(filling)
