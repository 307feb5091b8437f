"""``zoo explain``: what do answers rest on?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.common import read_run
from zoo.cli.console import say
from zoo.utils.logging import quiet_tensorflow
from zoo.utils.text import count_of

if TYPE_CHECKING:
    import numpy as np

    from zoo.ensemble.estimator import Ensemble


def explain(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A run's folder, or an exported SavedModel's.")],
    images: Annotated[
        str, typer.Argument(metavar="IMAGES", help="An image, a folder, a list or an array of images, or 'demo'.")
    ],
    out: Annotated[Path, typer.Option(help="The folder to write: overlays/, maps.npy, answers.csv.")],
    method: Annotated[
        str | None,
        typer.Option(
            help="layercam, gradcam, or occlusion, which is slow and explains any model; by default layercam, or "
            "occlusion for an export."
        ),
    ] = None,
    member: Annotated[str | None, typer.Option(help="Explain this member alone.")] = None,
    explained: Annotated[
        str | None, typer.Option("--class", metavar="NAME", help="Explain this class; by default each answer.")
    ] = None,
    check: Annotated[bool, typer.Option("--check/--no-check", help="Check whether the maps can be trusted.")] = True,
) -> None:
    """Draw heat maps of images: what glows is what the answer rests on."""
    quiet_tensorflow()
    from zoo.inference.map_files import write_maps
    from zoo.state.export_files import manifest_file

    exported = manifest_file(model.expanduser()).is_file()
    ensemble = None if exported else read_run(model)
    mapped = write_maps(ensemble or model, images, out, method=method, member=member, explained=explained)
    left_out = f", {len(mapped.left_out)} left out" if mapped.left_out else ""
    say(f"maps: {mapped.folder} ({count_of(mapped.images, 'image')}{left_out})")
    if check and ensemble is not None:
        print_checks(ensemble, mapped.first, method, member)


def print_checks(ensemble: Ensemble, images: np.ndarray, method: str | None, member: str | None) -> None:
    """Print for each member whether its maps of some images can be trusted."""
    from zoo.explanation.ensemble_maps import LAYERCAM
    from zoo.explanation.sanity import check_member

    for one in ensemble.members_:
        if member in (None, one.name):
            say(f"{one.name}: {check_member(one, images, method=method or LAYERCAM)}")
