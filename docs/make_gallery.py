"""Make the pictures of docs/gallery.md and docs/report.md, of an ensemble of drawn blood smears: ``make docs``.

It trains for about a minute, once: the run is kept in ``build/gallery``. The pictures are not in the repository.
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

import ensembles
from zoo import Ensemble, Recipe, load, plots
from zoo.augment import make_policy
from zoo.augment.corruptions import CORRUPTIONS, SEVERITIES
from zoo.data import Images, Splits, drop_duplicates, limit, split
from zoo.data.contact_sheet import contact_sheet, preview
from zoo.evaluation import corrupt
from zoo.explanation.overlay import overlay

FOLDER = Path(__file__).with_name("gallery")
RUN = Path(__file__).resolve().parents[1] / "build" / "gallery"
MEMBERS = ("simple_cnn", "simple_cnn_regularized")
SIDE = 32  # pixels of the images
SHOWN = 16  # images on a sheet
REPORTED = 160  # images of the report
CORRUPTED = 80  # images of the plot of corruptions


def demo() -> Splits:
    """Draw the smears, without their copies, in three splits."""
    images = load("demo", image_size=SIDE)
    return split(drop_duplicates(images)[0].train, validation=0.2, test=0.2)


def trained(images: Splits) -> Ensemble:
    """Train two small networks from scratch, or read them from the run."""
    recipe = Recipe(head_epochs=10, epochs=0, head_learning_rate=3e-3, augment="flips")
    return Ensemble(list(MEMBERS), recipe=recipe, store=RUN).fit(images, progress=False)


def draw_plots(ensemble: Ensemble, test: Images) -> None:
    """Draw scores, classes, calibration and corruptions."""
    logits = ensemble.logits(test)
    probabilities = ensembles.metrics.softmax(logits)
    answers = ensemble.answer(test)
    figures = {
        "leaderboard": plots.leaderboard(ensemble.leaderboard(test)),
        "confusion": plots.confusion(test.labels, probabilities.argmax(axis=1), test.classes),
        "recalls": plots.recalls(ensemble.per_class(test)),
        "reliability": plots.reliability(probabilities, test.labels),
        "risk": plots.risk_coverage(answers.uncertainty, probabilities.argmax(axis=1) == test.labels),
        "shift": _shift(ensemble, test),
    }
    for name, figure in figures.items():
        figure.savefig(FOLDER / f"{name}.png", dpi=110, facecolor="white")


def _shift(ensemble: Ensemble, test: Images) -> plots.Plot:
    table = ensemble.shift(test, limit=CORRUPTED)
    row = next(row for row in table if row["name"] == ensemble.method_)
    return plots.shift(table.by_kind(row), [kind.replace("_", " ") for kind in table.kinds], clean=row["clean"])


def draw_sheets(ensemble: Ensemble, test: Images) -> None:
    """Lay out heat maps, augmented images and corrupted ones."""
    rows = np.arange(SHOWN)
    pictures = test.take(rows)
    maps = [overlay(*pair) for pair in zip(pictures, ensemble.explain(pictures), strict=True)]
    names = [test.classes[label] for label in test.labels[rows]]
    both = [picture for pair in zip(pictures, maps, strict=True) for picture in pair]
    captions = [text for name in names for text in (name, "")]
    contact_sheet(both, FOLDER / "maps.png", captions=captions, scale=3)
    preview(test, make_policy("composite"), FOLDER / "augmented.png", count=SHOWN)
    one = test.subset(np.arange(len(test)) == 0)
    copies = [corrupt(one, kind, SEVERITIES[-1]).take(np.arange(1))[0] for kind in CORRUPTIONS]
    contact_sheet(copies, FOLDER / "corrupted.png", captions=[kind.replace("_", " ") for kind in CORRUPTIONS], scale=3)


def main() -> None:
    """Make all."""
    logging.getLogger("zoo").setLevel(logging.WARNING)
    FOLDER.mkdir(exist_ok=True)
    images = demo()
    ensemble = trained(images)
    draw_plots(ensemble, images.test)
    draw_sheets(ensemble, images.test)
    few = limit(images.test, REPORTED)
    ensemble.report(few, title="Report of drawn blood smears").write(FOLDER / "report.html")
    made = sorted(FOLDER.glob("*.png"))
    size = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"gallery: {len(made)} pictures and a report in {FOLDER}, {size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
