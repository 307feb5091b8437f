"""A score by rows and by groups, against patients who are truly new: 40 patients with 50 near-alike images each.

python benchmarks/patient_groups.py [--patients 40] [--images 50] [--rounds 10] [--seed 0]

Every patient has one of two diagnoses, which a faint pattern shows, and a look of their own, by which an image is
recognised as another one of the same patient. A logistic regression on the pixels is scored three times: on a fifth of
the rows, on a fifth of the patients, and on 200 patients who are drawn afresh.
"""

from __future__ import annotations

import argparse

import numpy as np
from sklearn.linear_model import LogisticRegression

from ensembles.bootstrap import Interval, share_interval
from zoo.data import Images, as_images, split

SIDE = 12  # pixels
SIGNAL, LOOK, NOISE = 3.0, 25.0, 12.0  # grey levels: of the diagnosis, of the patient, of an image
NEW = 200  # patients
SHARE = 0.2


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--patients", type=int, default=40)
    options.add_argument("--images", type=int, default=50, help="of each patient")
    options.add_argument("--rounds", type=int, default=10)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    print(f"{'round':<7}{'by rows, 95 %':>28}{'by patients, 95 %':>28}{'new patients':>15}")
    found = [one_round(given.patients, given.images, [given.seed, number]) for number in range(given.rounds)]
    for number, (by_rows, by_groups, truth) in enumerate(found):
        print(f"{number:<7}{text(by_rows):>28}{text(by_groups):>28}{truth:>15.4f}", flush=True)
    means = [np.mean([one[way].value for one in found]) for way in (0, 1)]
    print(f"{'mean':<7}{means[0]:>28.4f}{means[1]:>28.4f}{np.mean([truth for *_, truth in found]):>15.4f}")
    held = [sum(one[way].low <= one[2] <= one[way].high for one in found) for way in (0, 1)]
    print(f"{'held':<7}{f'{held[0]} of {len(found)}':>28}{f'{held[1]} of {len(found)}':>28}")


def one_round(patients: int, images: int, seed: list[int]) -> tuple[Interval, Interval, float]:
    """Score on held-out rows, on held-out patients, and, trained on all, on new patients."""
    random = np.random.default_rng(seed)
    pattern = random.standard_normal((SIDE, SIDE, 1))
    known, new = drawn(patients, images, pattern, random), drawn(NEW, images, pattern, random)
    by_rows = held_out_score(known, grouped=False, seed=seed[1])
    by_groups = held_out_score(known, grouped=True, seed=seed[1])
    truth = right(fitted(known), new).mean()
    return by_rows, by_groups, float(truth)


def drawn(patients: int, images: int, pattern: np.ndarray, random: np.random.Generator) -> Images:
    """Draw patients with their images."""
    diagnoses = np.arange(patients) % 2
    looks = (
        LOOK * random.standard_normal((patients, SIDE, SIDE, 1))
        + SIGNAL * pattern * (2 * diagnoses - 1)[:, None, None, None]
    )
    groups = np.repeat(np.arange(patients), images)
    noise = NOISE * random.standard_normal((len(groups), SIDE, SIDE, 1))
    pixels = np.clip(128 + looks[groups] + noise, 0, 255).astype(np.uint8)
    return as_images(np.repeat(pixels, 3, axis=-1), diagnoses[groups], ("well", "ill"), groups=groups)


def held_out_score(images: Images, *, grouped: bool, seed: int) -> Interval:
    """Hold a fifth out, by rows or by patients, and score it; the interval counts what was held out."""
    given = images if grouped else Images(images.pixels, images.labels, images.classes, images.origins)
    parts = split(given, validation=SHARE, seed=seed)
    held = parts.to_validate()
    return share_interval(right(fitted(parts.train), held), held.labels, groups=held.groups)


def features(images: Images) -> np.ndarray:
    return images.take(np.arange(len(images)))[..., 0].reshape(len(images), -1) / 255 - 0.5


def fitted(images: Images) -> LogisticRegression:
    return LogisticRegression(max_iter=300).fit(features(images), images.labels)


def right(model: LogisticRegression, images: Images) -> np.ndarray:
    return (model.predict(features(images)) == images.labels).astype(float)


def text(found: Interval) -> str:
    return f"{found.value:.4f} ({found.low:.3f}-{found.high:.3f})"


if __name__ == "__main__":
    main()
