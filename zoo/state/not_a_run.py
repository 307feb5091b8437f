"""What lies where a run was expected, and what to do: nothing, a file, an export, pictures, or an unfinished run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from zoo.data.checks import FEWEST_CLASSES
from zoo.state.ensemble_record import ENSEMBLE_FILE
from zoo.state.export_files import manifest_file

PARTS = ("members", "progress", "log.txt")  # of a run, which are there before its end
LOOKED_AT = 200  # entries of a folder, which may have millions
NAMED = 3  # runs


def not_a_run(path: Path, wanted: str = f"a run, a folder with {ENSEMBLE_FILE}") -> FileNotFoundError:
    """Make the error for a path that holds no run: what there is instead, and what to do.

    Args:
        path: that was given.
        wanted: what was expected there.
    """
    found, remedy = _found(path)
    return FileNotFoundError(f"Expected {wanted}; {found}. {remedy}")


def check_no_pictures(out: Path, *, folders: bool = False) -> None:
    """Check that a folder to write to holds no pictures, among which what is written would be taken for data.

    Args:
        out: the folder, which need not be there.
        folders: that it is no folder of class folders either.

    Raises:
        FileExistsError: it does.
    """
    first = list(islice(out.iterdir(), LOOKED_AT)) if out.is_dir() else []
    inner = [entry for entry in first if folders and entry.is_dir() and _has_own(islice(entry.iterdir(), LOOKED_AT))]
    if _has_own(first) or len(inner) >= FEWEST_CLASSES:
        raise FileExistsError(f"Expected --out as a folder of its own; {out} is one of pictures. Choose another.")


def _found(path: Path) -> tuple[str, str]:
    if not path.exists():
        return f"there is nothing at {path}", _did_you_mean(path) or f"`zoo fit --out {path}` makes one."
    if manifest_file(path).is_file():
        said = (
            f"{path} is an export (it has {manifest_file(path).name}), which knows answers alone, and its run is needed"
        )
        return said, _did_you_mean(path) or "Give the folder of the run that it was exported from."
    if path.is_file():
        return f"{path} is a file", _did_you_mean(path) or "Give the folder that `zoo fit --out` wrote."
    if any((path / part).exists() for part in PARTS):
        return f"{path} is a run that is not complete", "Give the same `zoo fit` again: it goes on where it stopped."
    if _has_pictures(path):
        remedy = f"`zoo fit --data {path} --out RUN` makes a run of them: give that folder here."
        return f"{path} is a folder of pictures", remedy
    return f"{path} has none", _did_you_mean(path) or "Give the folder that `zoo fit --out` wrote."


def _did_you_mean(path: Path) -> str:
    """Name the run that a path lies in, the runs that lie in it, or those near it whose names are alike."""
    around = [folder for folder in path.resolve().parents if (folder / ENSEMBLE_FILE).is_file()]
    named = around[:1] or list(_runs_in(path)) or _alike(path)
    return f"Did you mean {' or '.join(str(_short(run)) for run in named[:NAMED])}?" if named else ""


def _alike(path: Path) -> list[Path]:
    """The runs beside a path, and in ``runs/`` beside it, whose names are alike."""
    near = {run.name: run for folder in (path.parent / "runs", path.parent) for run in _runs_in(folder)}
    return [near[name] for name in get_close_matches(path.name, near)]


def _runs_in(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (entry for entry in islice(folder.iterdir(), LOOKED_AT) if (entry / ENSEMBLE_FILE).is_file())


def _short(run: Path) -> Path:
    """A path as one would type it."""
    return run.relative_to(Path.cwd()) if run.is_absolute() and run.is_relative_to(Path.cwd()) else run


def _has_pictures(folder: Path) -> bool:
    """Whether there is a picture among the first entries of a folder, or of its folders."""
    first = list(islice(folder.iterdir(), LOOKED_AT))
    inside = (entry for child in first if child.is_dir() for entry in islice(child.iterdir(), LOOKED_AT))
    return _has_own((*first, *inside))


def _has_own(entries: Iterable[Path]) -> bool:
    from zoo.data.pictures.formats import image_suffixes

    suffixes = image_suffixes()
    return any(entry.suffix.lower() in suffixes for entry in entries)
