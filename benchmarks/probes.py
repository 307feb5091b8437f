"""Probes beside tuned members: CPU seconds with features kept and without, and scores on images that decided nothing.

A third of the validation images chooses epochs, and the others are scored. The same probe is fitted a second time, by
other folds, when its features are kept.

python benchmarks/probes.py --data FOLDER --weights-dir FOLDER
"""

from __future__ import annotations

import time
from dataclasses import replace
from tempfile import TemporaryDirectory

from options import chooser_and_scored, on_real_images

import zoo
from ensembles import metrics
from zoo.data.splits import limit

PROBE = zoo.Recipe(adapt="probe", views=1, augment="none")
ROW = "{:<18} {:<28} {:>7} {:>9} {:>9} {:>9}"


def main() -> None:
    options = on_real_images(__doc__, images=2000)
    options.add_argument("--member", action="append", help="a backbone; may be given again")
    options.add_argument("--epochs", type=int, default=5, help="of tuning")
    given = options.parse_args()
    splits = zoo.load(given.data)
    images, (chooser, scored) = limit(splits.train, given.images), chooser_and_scored(splits.to_validate())
    print(f"{len(images):,} images to train on, {len(chooser)} choose epochs, {len(scored):,} are scored")
    print(ROW.format("member", "way", "CPU s", "accuracy", "balanced", "log loss"))
    ways = (
        ("probe", PROBE, 1),
        ("the same, features kept", replace(PROBE, seed=1), 1),
        ("probe of 3 stages", PROBE, 3),
        ("probe, 4 views", zoo.Recipe(adapt="probe"), 1),
        ("the same, features kept", zoo.Recipe(adapt="probe", imbalance="class_weights"), 1),
        ("head, 10 epochs, 4 views", zoo.Recipe(head_epochs=10, epochs=0), 1),
        (f"tuned, {given.epochs} epochs", zoo.Recipe(head_epochs=2, epochs=given.epochs), 1),
    )
    for name in given.member or ["mobilenet_025", "mobilenet_v2_035"]:
        with TemporaryDirectory() as place:
            for way, recipe, layers in ways:
                member = zoo.build(
                    name, len(images.classes), weights_dir=given.weights_dir, head=zoo.Head(layers=layers)
                )
                begun = time.process_time()
                member.fit(images, chooser, recipe, place=place)
                seconds, logits = time.process_time() - begun, member.logits(scored)
                scores = [getattr(metrics, one)(logits, scored.labels) for one in SCORES]
                print(ROW.format(name, way, f"{seconds:.0f}", *(f"{score:.3f}" for score in scores)), flush=True)


SCORES = ("accuracy", "balanced_accuracy", "log_loss")

if __name__ == "__main__":
    main()
