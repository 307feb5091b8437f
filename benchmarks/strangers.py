"""Which uncertainty refuses pictures that are no cells, and what it costs on cells; members are those of a table.

After ``ensemble_table.py`` with the same options, whose members it finds:

python benchmarks/strangers.py --data FOLDER --weights-dir FOLDER --out runs/table
"""

from __future__ import annotations

from pathlib import Path

from ensemble_table import NETWORKS, SEEDS, Data, fitted, table_options
from options import chooser_and_scored
from strange import strangers

import zoo
from ensembles.uncertainty import SCORES
from zoo.data import drop_duplicates
from zoo.data.splits import limit
from zoo.ensemble_options import DISTANCE

ERROR = 0.01


def main() -> None:
    given = table_options(__doc__).parse_args()
    splits, _ = drop_duplicates(zoo.load(given.data, decoded=Path(given.out) / "decoded"))
    data = Data(limit(splits.train, given.images), *chooser_and_scored(splits.to_validate()))
    ensemble = fitted(data, given, NETWORKS[: given.networks][::-1], SEEDS, uncertainty=DISTANCE)
    print(f"distance in the features of {ensemble.members_[ensemble.distribution_.member].name}")
    strange = strangers(data.scored.image_size[0])
    for name in (*SCORES, DISTANCE):
        ensemble.uncertainty = name
        cells, others = (ensemble.answer(images, abstain=ERROR) for images in (data.scored, strange))
        wrong = cells.labels[cells.accepted] != data.scored.labels[cells.accepted]
        print(
            f"{name:>20}: of {len(data.scored)} cells {cells.accepted.mean():.1%} answered, {wrong.mean():.2%} of "
            f"these wrong; of {len(strange)} strangers {1 - others.accepted.mean():.1%} refused"
        )


if __name__ == "__main__":
    main()
