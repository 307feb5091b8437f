"""Nearest training images in the features of each member, and what their labels say.

How well k nearest neighbours tell the classes says how good features are without any head (Caron et al., 2021,
arXiv:2104.14294); and the training images that are most like an image say what its answer rests on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ensembles import metrics
from zoo.data.images import Images, Splits
from zoo.data.loading import load
from zoo.data.splits import limit
from zoo.members.member import Member
from zoo.members.store import Store
from zoo.report.table_kind import TableKind
from zoo.report.tables import Rows, as_wide_as_fits, draw, write_csv
from zoo.state.state import EnsembleState
from zoo.utils.chunks import take_all
from zoo.utils.progress import phase

if TYPE_CHECKING:
    from zoo.data.loading import Source

CHOICES = (1, 3, 5, 10, 20, 50)  # of k
MOST_TO_CHOOSE = 5_000  # training images by which k is chosen: every pair of them is compared
COLUMNS = ("name", "k", "accuracy", "balanced_accuracy", "neighbours_accuracy", "neighbours_balanced", "agreement")
NEAREST = ("path", "label", "member", "class", "neighbours", "rank", "nearest", "nearest_label", "similarity")
OF_NEAREST = TableKind(NEAREST)


class NeighboursTable(Rows):
    """Rows as dicts, one a member with features of its own; ``str()`` is a table, ``pandas.DataFrame(rows)`` a frame.

    A row has the member's own ``accuracy`` and ``balanced_accuracy``; those of the ``k`` nearest training images that
    vote for a class, ``neighbours_accuracy`` and ``neighbours_balanced``; and ``agreement``, the share of images for
    which both say the same.

    Attributes:
        where: which images these are of.
        nearest: a row for each image, member and neighbour: ``path``, its ``label``, ``member``, the member's
            ``class`` and that of the ``neighbours``, ``rank`` from 1 on, the ``nearest`` training image by its file,
            its ``nearest_label``, and their cosine ``similarity``.
    """

    columns = COLUMNS
    kind = TableKind(COLUMNS)

    def __init__(self, rows: Sequence[dict[str, Any]], where: str, nearest: list[dict[str, Any]]) -> None:
        super().__init__(rows)
        self.where = where
        self.nearest = nearest

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        """Draw the table."""
        yield from as_wide_as_fits(console, options, COLUMNS, self._table)

    def _table(self, columns: Sequence[str]) -> Any:
        rows = [[_text(row[column]) for column in columns] for row in self]
        titles = [column.replace("_", " ") for column in columns]
        return draw(f"Members and their nearest training images, on {self.where}", titles, rows, left=("name",))

    def nearest_to_csv(self, path: str | Path) -> Path:
        """Write the nearest training images as CSV; raises as :meth:`to_csv`."""
        OF_NEAREST.check(path)
        return write_csv(self.nearest, NEAREST, path)


def neighbours_of(state: EnsembleState, data: Source | None, k: int | None) -> NeighboursTable:
    """Ask each member's features for the nearest training images; see :meth:`zoo.Ensemble.neighbours`."""
    _check(k)
    splits = state.own_images() if data is None else _loaded(state, data)
    split, images = splits.to_score()
    able = [index for index, member in enumerate(state.members) if member.has_features]
    if not able:
        raise ValueError(
            "Expected a member with a backbone of its own, whose features have neighbours; received means over folds "
            "or views, and models from outside the library. Take refit=True, or no views."
        )
    with phase("neighbours"):
        parts = [_of_member(state, index, splits.train, images, k) for index in able]
    rows, nearest = [row for row, _ in parts], [one for _, found in parts for one in found]
    return NeighboursTable(rows, state.describe(images, split), nearest)


def nearest(
    train: np.ndarray, labels: np.ndarray, features: np.ndarray, k: int, same: Sequence[Sequence[int]] = ()
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the nearest of some features by the cosine of their angle, and let them vote.

    An image is no neighbour of its own: it would vote for its label.

    Args:
        train: ``(N, features)``.
        labels: ``(N,)`` class ids of these.
        features: ``(n, features)`` that are asked.
        k: how many vote.
        same: for each of ``features`` the rows of ``train`` that are of the same image; empty where none is.

    Returns:
        The nearest rows ``(n, k)``, the nearest first, the cosines ``(n, k)``, and the class ids voted for ``(n,)``.
    """
    from sklearn.neighbors import KNeighborsClassifier

    more = max(map(len, same), default=0)
    voting = KNeighborsClassifier(k + more, metric="cosine", algorithm="brute").fit(train, labels)
    distances, rows = voting.kneighbors(features)
    if not more:
        return rows, 1 - distances, voting.predict(features)
    others = ~np.array([np.isin(found, own) for found, own in zip(rows, same, strict=True)])
    kept = np.argsort(~others, axis=1, kind="stable")[:, :k]
    rows, distances = (np.take_along_axis(array, kept, axis=1) for array in (rows, distances))
    voted = np.array([np.bincount(labels[found]).argmax() for found in rows])
    return rows, 1 - distances, voted


def choose_k(features: np.ndarray, labels: np.ndarray, folds: np.ndarray) -> int:
    """Choose k by the accuracy of folds ``(N,)`` that each hold rows out; of equal ones the smallest."""
    from sklearn.model_selection import GridSearchCV, PredefinedSplit
    from sklearn.neighbors import KNeighborsClassifier

    least = min(np.count_nonzero(folds != number) for number in range(folds.max() + 1))
    choices = [k for k in CHOICES if k <= least]
    voting = KNeighborsClassifier(metric="cosine", algorithm="brute")
    search = GridSearchCV(voting, {"n_neighbors": choices}, cv=PredefinedSplit(folds), refit=False)
    return int(search.fit(features, labels).best_params_["n_neighbors"])


def _check(k: int | None) -> None:
    if k is not None and (isinstance(k, bool) or not isinstance(k, int) or k < 1):
        raise ValueError(f"Expected k (--k) as a whole number of 1 or more; received {k!r}.")


def _loaded(state: EnsembleState, data: Source) -> Splits:
    how = state.reading.as_dict()
    splits = load(data, classes=state.targets.known, image_size=state.image_size, whole=False, **how)
    if len(splits.items()) < 2:
        raise ValueError(
            "Expected training images and others to ask for their neighbours; received one set. Give a source with "
            "splits, such as train/ and test/, or Splits(train, test=images)."
        )
    return splits


def _of_member(
    state: EnsembleState, index: int, train: Images, images: Images, k: int | None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    member = state.members[index]
    known, asked = (_features(member, pictures, state.store) for pictures in (train, images))
    same = _same(train, images)
    most = len(train) - max(map(len, same), default=0)
    k = k or min(_chosen(known, train, state.seed), most)
    if k > most:
        raise ValueError(f"Expected k (--k) as 1 to {most}, the other training images; received {k}.")
    rows, similarity, voted = nearest(known, train.labels, asked, k, same)
    answers = state.store.logits(state.keys[index], images, member).argmax(axis=1)
    row = {
        "name": member.name,
        "k": k,
        "accuracy": float(np.mean(answers == images.labels)),
        "balanced_accuracy": metrics.balanced_accuracy(_as_logits(answers, images), images.labels),
        "neighbours_accuracy": float(np.mean(voted == images.labels)),
        "neighbours_balanced": metrics.balanced_accuracy(_as_logits(voted, images), images.labels),
        "agreement": float(np.mean(voted == answers)),
    }
    return row, list(_nearest_rows(member.name, train, images, rows, similarity, answers, voted))


def _same(train: Images, images: Images) -> list[list[int]]:
    """For each image the training images with the same pixels, by row."""
    rows: dict[bytes, list[int]] = {}
    for row, digest in enumerate(train.digests):
        rows.setdefault(digest, []).append(row)
    return [rows.get(digest, []) for digest in images.digests]


def _features(member: Member, images: Images, store: Store) -> np.ndarray:
    """A member's features of images, kept beside those of trainings: a probe's, of clean images, are there already."""
    from zoo.models.assembly import trunk
    from zoo.models.fingerprint import network_digest
    from zoo.training.cached_features import cached_features

    body = trunk(member.model)
    parts = [str(member.plan.builder()) if member.plan else "", network_digest(body), images.fingerprint]
    kept = cached_features(body, images, parts, "float16", store.root / "shared" / "features", owner=member.name)
    return np.asarray(take_all(kept), np.float32)


def _chosen(features: np.ndarray, train: Images, seed: int) -> int:
    from zoo.training.probe import folds_of_images

    numbered = Images(train.pixels, train.labels, train.classes, np.arange(len(train)), train.rows, train.groups)
    few = limit(numbered, max(MOST_TO_CHOOSE, len(train.classes)), seed=seed)
    return choose_k(features[few.origins], few.labels, folds_of_images(few, seed))


def _as_logits(answers: np.ndarray, images: Images) -> np.ndarray:
    return np.eye(len(images.classes), dtype=np.float32)[answers]


def _nearest_rows(
    name: str,
    train: Images,
    images: Images,
    rows: np.ndarray,
    similarity: np.ndarray,
    answers: np.ndarray,
    voted: np.ndarray,
) -> Iterator[dict[str, Any]]:
    classes = images.classes
    for number, origin in enumerate(images.origins):
        told = (str(origin), classes[images.labels[number]], name, classes[answers[number]], classes[voted[number]])
        for rank, (row, cosine) in enumerate(zip(rows[number], similarity[number], strict=True), start=1):
            values = (*told, rank, str(train.origins[row]), classes[train.labels[row]], float(cosine))
            yield dict(zip(NEAREST, values, strict=True))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else f"{value:.4f}"
