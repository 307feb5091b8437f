"""The configuration that a run keeps: what was asked for, and what a preset chose."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.state.not_a_run import check_no_pictures
from zoo.utils.files import read_json, replacing, write_json

if TYPE_CHECKING:
    from zoo.config import Config

CONFIG_FILE = "config.json"
CHOSEN_FILE = "config.toml"  # what a preset chose, where one did
CHOSEN_BY = ("preset", "time_limit")
RECORDS = (CONFIG_FILE, "run.json", "leaderboard.csv", "shift.csv")
SIGNS = ("ensemble.json", "members", "progress", "decoded", "locks")  # of a run, complete or not


def asked_config(run: Path) -> Config | None:
    """What was asked for; None for a run that does not say, such as one from Python.

    Raises:
        ValueError: a file that was changed to something that is no configuration.
    """
    return _first_of(run / CONFIG_FILE)


def chosen_config(run: Path) -> Config | None:
    """What a run was made with: what a preset chose, else what was asked for; None for a run that does not say.

    Raises:
        ValueError: as of :func:`asked_config`.
    """
    return _first_of(run / CHOSEN_FILE, run / CONFIG_FILE)


def prepared_by(run: Path) -> dict[str, Any]:
    """How ``zoo fit`` prepared the images of a run, whatever else an older version wrote; {} if it is not known."""
    path = run.expanduser() / CONFIG_FILE
    found: dict[str, Any] = read_json(path).get("data", {}) if path.is_file() else {}
    return found


def check_place(out: Path) -> None:
    """Check before a fit that its folder holds no files of somebody else that it would replace or remove.

    Raises:
        FileExistsError: it does, or it is a folder of pictures; or it has the TOML of a preset that no preset chose.
    """
    if any((out / part).exists() for part in SIGNS):
        found = [CHOSEN_FILE] if (out / CHOSEN_FILE).is_file() and not _has_chosen(out) else []
    else:
        check_no_pictures(out, folders=True)
        found = [name for name in (*RECORDS, CHOSEN_FILE) if (out / name).is_file()]
    if found:
        raise FileExistsError(
            f"Expected a new folder, or a run's, for the run; {out} holds {', '.join(found)} of something else, which "
            "would be replaced. Choose another folder, or move the file."
        )


def _has_chosen(run: Path) -> bool:
    """Whether a preset chose in a run, so that its TOML is the run's own."""
    path = run / CONFIG_FILE
    try:
        asked = read_json(path) if path.is_file() else {}
    except ValueError:
        return True  # it was cut, and nobody knows
    return any(asked.get(name) is not None for name in CHOSEN_BY)


def write_choices(config: Config, chosen: str, out: Path) -> None:
    """Write the configuration that was given, its paths absolute, and the TOML of what a preset chose, "" without."""
    anchored = config.anchored()
    write_json(out / CONFIG_FILE, anchored.as_dict())
    (out / CHOSEN_FILE).unlink(missing_ok=True)
    if chosen:
        with replacing(out / CHOSEN_FILE) as beside:
            beside.write_text(with_data(chosen, anchored), encoding="utf-8")


def with_data(chosen: str, config: Config) -> str:
    """The TOML of what a preset chose, with all else that the configuration says of the images and of modules."""
    import tomli_w

    from zoo.cleaning.preparation_options import Preparation
    from zoo.planning.as_toml import changed

    data = changed(asdict(config.data), Preparation)
    before = tomli_w.dumps({"imports": config.imports}) if config.imports else ""
    return before + chosen + ("\n" + tomli_w.dumps({"data": data}) if data else "")


def _first_of(*files: Path) -> Config | None:
    from zoo.config import read_config

    return next((read_config(file) for file in files if file.is_file()), None)
