"""How well each class is told, and what is taken for what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from zoo.evaluation.per_class import confused_pairs
from zoo.html_report.blocks import Block, Cell, Pictures, Plots, Section, Table
from zoo.html_report.findings import Findings
from zoo.html_report.pictures import answered
from zoo.plots import as_svg, confusion, recalls
from zoo.report.class_table import ConfusionTable

IN_A_CELL = 8  # images
MOST_CELLS = 40  # of the matrix that open: the fullest
MOST_CLASSES = 30  # of a matrix as a table
MOST_PAIRS = 10


def section(findings: Findings) -> Section:
    """Score the classes, and let the matrix open the images in its cells."""
    labels, predicted, classes = findings.labels, findings.predicted, findings.classes
    matrix = confusion_matrix(labels, predicted, labels=range(len(classes)))
    per_class = _scored(findings)
    cells = _fullest(matrix)
    heads = ("class", "recall", "95 %", "precision", "F1", "images", "mostly taken for")
    blocks: list[Block] = [
        Table(heads, list(map(_cells, sorted(per_class, key=_recall)))),
        Plots([("Recall of each class", as_svg(recalls(findings.per_class)))]),
    ]
    if len(classes) <= MOST_CLASSES:
        caption = "True classes are rows, answers are columns; a number opens its images."
        blocks.append(Table(("", *classes), _matrix(matrix, classes, cells), caption, sorts=False))
    else:
        blocks.append(Plots([("What is taken for what", as_svg(confusion(labels, predicted, classes)))]))
    blocks += [_opened(findings, true, answer) for true, answer in cells]
    pairs = ConfusionTable(confused_pairs(labels, predicted, classes), "")
    if pairs:
        rows = [
            [f"{pair['label']} for {pair['answer']}", f"{pair['images']:,}", f"{pair['share']:.1%}"]
            for pair in pairs[:MOST_PAIRS]
        ]
        blocks.append(Table(("most confused", "images", "of its class"), rows))
    numbers = {
        "classes": list(classes),
        "confusion": matrix.tolist(),
        "per_class": per_class,
        "pairs": list(pairs),
    }
    return Section("classes", "Classes", blocks, numbers)


def _scored(findings: Findings) -> list[dict[str, Any]]:
    """The rows of the table of classes, with precision and F1."""
    count = len(findings.classes)
    scores = precision_recall_fscore_support(findings.labels, findings.predicted, labels=range(count), zero_division=0)
    further = {
        name: {"precision": float(precision), "f1": float(f1)}
        for name, precision, _, f1, _ in zip(findings.classes, *scores, strict=True)
    }
    return [{**row, **further[row["name"]]} for row in findings.per_class]


def _recall(row: Mapping[str, Any]) -> float:
    return -1.0 if row["recall"] is None else float(row["recall"])


def _cells(row: Mapping[str, Any]) -> list[str]:
    known = row["recall"] is not None
    recall = [f"{row['recall']:.4f}", f"{row['recall_low']:.3f}-{row['recall_high']:.3f}"] if known else ["", ""]
    others = [f"{row['precision']:.4f}", f"{row['f1']:.4f}", f"{row['rows']:,}", row["taken_for"] or ""]
    return [row["name"], *recall, *others]


def _fullest(matrix: np.ndarray) -> list[tuple[int, int]]:
    """The cells that open: the wrong ones first, the fullest of them."""
    cells = [(int(a), int(b)) for a, b in np.argwhere(matrix)]
    return sorted(cells, key=lambda cell: (cell[0] == cell[1], -matrix[cell]))[:MOST_CELLS]


def _matrix(matrix: np.ndarray, classes: tuple[str, ...], cells: list[tuple[int, int]]) -> list[list[Cell | str]]:
    totals = np.maximum(matrix.sum(axis=1), 1)
    return [
        [
            name,
            *(
                Cell(
                    f"{number}" if number else "",
                    _id(row, column) if (row, column) in cells else "",
                    number / totals[row],
                )
                for column, number in enumerate(matrix[row])
            ),
        ]
        for row, name in enumerate(classes)
    ]


def _opened(findings: Findings, true: int, answer: int) -> Pictures:
    rows = np.flatnonzero((findings.labels == true) & (findings.predicted == answer))
    shown = rows[np.argsort(-findings.probabilities[rows, answer], kind="stable")[:IN_A_CELL]]
    what = f"{findings.classes[true]}, answered {findings.classes[answer]}"
    return Pictures(answered(findings, shown), f"{what}: {len(shown)} of {len(rows)}", _id(true, answer))


def _id(true: int, answer: int) -> str:
    return f"cell-{true}-{answer}"
