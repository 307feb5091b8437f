"""Plant faults in real images and count how many `zoo clean` finds, and how many of its findings were planted.

    python benchmarks/clean_planted.py --data images/ [--features mobilenet_v2 --weights-dir weights/] [--count 4000]

What it reports before anything is planted is counted apart: real data has copies, casts and odd images of its own.
"""

from __future__ import annotations

import io
import time
from collections import defaultdict
from typing import Annotated

import numpy as np
import typer
from PIL import Image

from zoo.cleaning import Finding, Findings
from zoo.cleaning.checks import find
from zoo.data import Images, Splits, load, split
from zoo.data.splits import limit
from zoo.datasets.cells import BLUE_CAST
from zoo.datasets.doodles import OGRE, TROLL, draw_doodle

SHARE = 0.01  # of the images, for each fault
KINDS = {
    "exact copy, same label": ("exact",),
    "exact copy, other label": ("exact",),
    "resized or re-compressed copy": ("leak", "near"),
    "turned copy": ("leak", "near"),
    "pasted over": ("outlier",),
    "pasted over, half transparent": ("outlier",),
    "blue filter": ("cast",),
    "blue filter, faint": ("cast",),
    "wrong label": ("label",),
}
EVIDENCE = {
    "exact": ("exact copy, same label", "exact copy, other label"),
    "near": ("resized or re-compressed copy", "turned copy"),
    "leak": ("resized or re-compressed copy", "turned copy"),
    "outlier": ("pasted over", "pasted over, half transparent"),
    "cast": ("blue filter", "blue filter, faint"),
    "label": ("wrong label",),
}


def main(
    data: Annotated[str, typer.Option(help="What zoo.load takes.")],
    features: Annotated[str, typer.Option(help="'pixels' or a backbone.")] = "pixels",
    weights_dir: Annotated[str | None, typer.Option()] = None,
    count: Annotated[int | None, typer.Option(help="Use so many images of the training split.")] = None,
    cleanlab: Annotated[bool, typer.Option("--cleanlab")] = False,
    seed: Annotated[int, typer.Option(help="Of what is planted where.")] = 1,
) -> None:
    """Print precision and recall of every kind of fault."""
    splits = load(data)
    splits = Splits(limit(splits.train, count, seed=0), splits.validation, splits.test)
    if splits.validation is None:
        splits = split(splits.train, seed=0)
    before = _find(splits, features, weights_dir, cleanlab)
    own = {check: {finding.origin for finding in before.of(check)} for check in before.checks}
    planted, faults = plant(splits, np.random.default_rng(seed))
    start = time.perf_counter()
    after = _find(planted, features, weights_dir, cleanlab)
    seconds = time.perf_counter() - start
    total = sum(len(images) for _, images in planted.items())
    print(f"\n{total} images, {len(faults)} faults planted with seed {seed}, features: {features}, {seconds:.0f} s")
    _print_recall(after, faults)
    _print_precision(after, faults, own)


def plant(splits: Splits, random: np.random.Generator) -> tuple[Splits, dict[str, str]]:
    """Change some training images and add copies; returns the splits and the fault by origin."""
    train, other = splits.train, splits.items()[-1][1]
    pixels, labels, origins = train.take(np.arange(len(train))), train.labels.copy(), train.origins.astype(object)
    number = max(2, round(SHARE * len(train)))
    rows = iter(np.array_split(random.permutation(len(train))[: 7 * number], 7))
    faults: dict[str, str] = {}
    for kind, alpha in (("pasted over", 1.0), ("pasted over, half transparent", 0.5)):
        for row in next(rows):
            pixels[row], faults[origins[row]] = _pasted(pixels[row], alpha, random), kind
    for kind, light in (("blue filter", BLUE_CAST), ("blue filter, faint", (0.9, 0.95, 1.05))):
        for row in next(rows):
            pixels[row] = np.clip(pixels[row] * np.array(light), 0, 255).round()
            faults[origins[row]] = kind
    for row in next(rows):
        labels[row], faults[origins[row]] = _another(labels[row], len(train.classes), random), "wrong label"
    copies = _copies(pixels, labels, other, next(rows), number, random)
    origins = np.concatenate([origins, [f"copy {place}" for place in range(len(copies))]])
    faults |= {f"copy {place}": kind for place, (_, _, kind) in enumerate(copies)}
    whole = Images(
        np.concatenate([pixels, np.stack([picture for picture, _, _ in copies])]),
        np.concatenate([labels, [label for _, label, _ in copies]]),
        train.classes,
        origins,
    )
    return Splits(whole, splits.validation, splits.test), faults


def _copies(
    pixels: np.ndarray, labels: np.ndarray, other: Images, rows: np.ndarray, number: int, random: np.random.Generator
) -> list[tuple[np.ndarray, int, str]]:
    """Copies of training images, the same, and of the other split's images, changed."""
    made = []
    for place, row in enumerate(rows):
        if place % 2:
            made.append((pixels[row], labels[row], "exact copy, same label"))
        else:
            made.append((pixels[row], _another(labels[row], labels.max() + 1, random), "exact copy, other label"))
    for row in random.choice(len(other), min(number, len(other) // 2), replace=False):
        made.append(
            (_compressed(other.take(np.array([row]))[0], random), other.labels[row], "resized or re-compressed copy")
        )
    for row in random.choice(len(other), min(number, len(other) // 2), replace=False):
        turned = np.rot90(other.take(np.array([row]))[0], random.integers(1, 4))
        made.append((turned if turned.shape == pixels.shape[1:] else turned[::-1], other.labels[row], "turned copy"))
    return made


def _compressed(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Resize to between a half and twice the side, save as JPEG of a quality of 30 to 90, and resize back."""
    height, width = picture.shape[:2]
    factor = float(2 ** random.uniform(-1, 1))
    buffer = io.BytesIO()
    resized = Image.fromarray(picture).resize((round(width * factor), round(height * factor)), Image.Resampling.BICUBIC)
    resized.save(buffer, "JPEG", quality=int(random.integers(30, 91)))
    with Image.open(buffer) as again:
        return np.asarray(again.resize((width, height), Image.Resampling.BILINEAR))


def _pasted(picture: np.ndarray, alpha: float, random: np.random.Generator) -> np.ndarray:
    """Lay a cartoon of half the side or more somewhere over a picture."""
    shortest = min(picture.shape[:2])
    side = int(random.uniform(0.5, 1) * shortest)
    drawn = draw_doodle([OGRE, TROLL][random.integers(2)], side)
    y, x = (int(random.integers(0, length - side + 1)) for length in picture.shape[:2])
    laid = picture.astype(np.float64)
    laid[y : y + side, x : x + side] *= 1 - alpha
    laid[y : y + side, x : x + side] += alpha * drawn
    return laid.round().astype(np.uint8)


def _another(label: int, classes: int, random: np.random.Generator) -> int:
    return int((label + random.integers(1, classes)) % classes)


def _find(splits: Splits, features: str, weights_dir: str | None, cleanlab: bool) -> Findings:
    described = None
    if features != "pixels":
        from zoo.cleaning.descriptors import backbone_features

        described = backbone_features(splits, features, weights_dir=weights_dir)
    return find(splits, features=described, cleanlab=cleanlab)


def _print_recall(findings: Findings, faults: dict[str, str]) -> None:
    print(f"\n{'planted':<34}{'number':>8}{'found':>8}{'recall':>9}   by")
    by_kind = defaultdict(list)
    for origin, kind in faults.items():
        by_kind[kind].append(origin)
    for kind, checks in KINDS.items():
        found = {finding.origin for check in checks for finding in findings.of(check)}
        hits = sum(origin in found for origin in by_kind[kind])
        number = len(by_kind[kind])
        print(f"{kind:<34}{number:>8}{hits:>8}{hits / max(1, number):>9.3f}   {' or '.join(checks)}")


def _print_precision(findings: Findings, faults: dict[str, str], own: dict[str, set[str]]) -> None:
    """A finding is true if its image was planted for that check, or is the original of a copy that was."""
    print(f"\n{'check':<10}{'found':>7}{'true':>7}{'own':>7}{'other':>7}{'false':>7}{'precision':>11}{'strict':>9}")
    for check in findings.checks:
        kinds = [_kind(one, check, faults, own[check]) for one in findings.of(check)]
        true, known, other, false = (kinds.count(kind) for kind in ("true", "own", "other", "false"))
        precision, strict = true / max(1, true + other + false), true / max(1, len(kinds))
        print(f"{check:<10}{len(kinds):>7}{true:>7}{known:>7}{other:>7}{false:>7}{precision:>11.3f}{strict:>9.3f}")
    print(
        "true: planted for this check; own: reported before anything was planted; other: planted as another fault.\n"
        "precision: true / (true + other + false); strict: true / found, all own findings taken to be false."
    )


def _kind(one: Finding, check: str, faults: dict[str, str], own: set[str]) -> str:
    if any(faults.get(origin) in EVIDENCE[check] for origin in (one.origin, one.partner)):
        return "true"
    return "own" if one.origin in own else "other" if one.origin in faults else "false"


if __name__ == "__main__":
    typer.run(main)
