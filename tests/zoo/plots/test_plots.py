"""zoo/plots: what is drawn is what is given, on an axis of the user's or on a figure of its own."""

from html import escape
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from zoo import plots
from zoo.plots import as_svg
from zoo.plots.canvas import INK

LABELS = np.array([0, 0, 1, 1, 2])
PREDICTED = np.array([0, 1, 1, 1, 0])
ROW = {"name": "one", "kind": "rule", "answers": True, "images_per_second": 90.0, "balanced_accuracy": 0.8}
ROW |= {"balanced_low": 0.7, "balanced_high": 0.9, "accuracy": 0.8, "accuracy_low": 0.7, "accuracy_high": 0.85}
CLASS = {"name": "a", "recall": 0.5, "recall_low": 0.2, "recall_high": 0.8}
EPOCHS = [
    {"phase": "head", "epoch": 1, "loss": 2.0, "val_loss": 1.5, "learning_rate": 1e-3},
    {"phase": "fine-tuning", "epoch": 1, "loss": 1.0, "val_loss": 1.0, "learning_rate": 1e-4},
]
DRAWN = {
    "confusion": lambda ax: plots.confusion(LABELS, PREDICTED, ["a", "b", "c"], ax=ax),
    "recalls": lambda ax: plots.recalls([CLASS, {**CLASS, "recall": None}], ax=ax),
    "counts": lambda ax: plots.counts({"train": [3, 4], "validation": [1, 1]}, ["a", "b"], ax=ax),
    "reliability": lambda ax: plots.reliability(np.eye(3)[PREDICTED] * 0.8 + 0.2 / 3, LABELS, ax=ax),
    "risk_coverage": lambda ax: plots.risk_coverage([0.1, 0.5, 0.2, 0.3, 0.9], LABELS == PREDICTED, ax=ax),
    "coverage_sets": lambda ax: plots.coverage_sets(np.eye(3, dtype=bool)[LABELS], ax=ax),
    "leaderboard": lambda ax: plots.leaderboard([ROW], ax=ax),
    "score_speed": lambda ax: plots.score_speed([ROW, {**ROW, "name": "two"}], ax=ax),
    "shift": lambda ax: plots.shift(np.full((2, 5), 0.5), ["blur", "dark"], clean=0.9, ax=ax),
    "removal": lambda ax: plots.removal(
        [{"name": "one", "removal": 0.1, "removal_low": 0.0, "removal_high": 0.2}], ax=ax
    ),
    "curves": lambda ax: plots.curves(EPOCHS, kept=1, ax=ax),
    "feature_map": lambda ax: plots.feature_map(
        np.eye(5)[:, :2], LABELS, ["a", "b", "c"], wrong=LABELS != PREDICTED, ax=ax
    ),
}


def test_every_plot_is_tried():
    assert set(DRAWN) == set(plots.__all__) - {"Plot", "as_png", "as_svg"}


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_a_figure_of_its_own_that_no_window_holds(name):
    figure = DRAWN[name](None)
    assert isinstance(figure, plots.Plot)
    assert not plt.get_fignums()
    svg = figure._repr_svg_()
    assert svg.startswith("<svg")
    assert INK not in svg
    assert "currentColor" in svg


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_drawn_on_an_axis_that_is_given(name):
    figure, ax = plt.subplots()
    try:
        assert DRAWN[name](ax) is figure
        assert ax.has_data() or ax.images
    finally:
        plt.close(figure)


def test_the_same_plot_has_the_same_bytes_and_two_plots_share_no_id():
    import re

    one, same = (plots.as_svg(DRAWN["recalls"](None)) for _ in range(2))
    other = plots.as_svg(DRAWN["counts"](None))
    assert one == same
    assert not set(re.findall(r'id="([^"]+)"', one)) & set(re.findall(r'id="([^"]+)"', other))


def test_any_name_of_a_class_is_drawn_as_it_is():
    names = ("__background__", "a$^$b", "<b>")
    labels = np.arange(30) % 3
    map_, matrix = (
        as_svg(plots.feature_map(np.random.default_rng(0).random((30, 2)), labels, names)),
        as_svg(plots.confusion(labels, labels, names)),
    )
    for svg in (map_, matrix):
        assert all(escape(name) in svg for name in names)
        assert "<b>" not in svg


@pytest.mark.filterwarnings("error")
def test_very_long_names_and_letters_of_any_script_leave_room_for_the_plot():
    names = ["a" * 120, "\u6f22\u5b57", "c"]
    figure = plots.confusion(LABELS, PREDICTED, names)
    assert figure.axes[0].get_window_extent().width > 50
    assert "\u6f22\u5b57" in as_svg(figure)
    as_svg(plots.recalls([{**CLASS, "name": name} for name in names]))
    as_svg(plots.feature_map(np.random.default_rng(0).normal(size=(5, 2)), LABELS, names))


def test_classes_beyond_the_colours_have_another_mark():
    labels = np.arange(22)
    (ax,) = plots.feature_map(np.random.default_rng(0).random((22, 2)), labels, [f"c{n}" for n in labels]).axes
    looks = {(tuple(one.get_facecolor()[0]), one.get_paths()[0].vertices.tobytes()) for one in ax.collections}
    assert len(looks) == 22


def test_wrong_answers_that_are_sure_are_in_sight_and_equal_doubts_are_one_step():
    right = np.arange(100) >= 12
    (ax,) = plots.risk_coverage(np.arange(100), right).axes
    assert ax.get_ylim()[1] >= 1
    (ax,) = plots.risk_coverage(np.repeat([0.0, 1.0], 50), right).axes
    assert ax.lines[0].get_xydata().tolist() == [[0.5, 0.24], [1.0, 0.12]]


def test_the_matrix_has_the_counts():
    texts = [text.get_text() for text in plots.confusion(LABELS, PREDICTED).axes[0].texts]
    assert texts == ["1", "1", "2", "1"]


def test_speeds_that_differ_by_a_rounding_error_are_one_speed():
    rows = [ROW, {**ROW, "name": "two", "images_per_second": 1 / (1 / 90.0) + 1e-12, "balanced_accuracy": 0.7}]
    plots.as_svg(plots.score_speed(rows))


@pytest.mark.parametrize("speeds", [(620, 690), (9, 11), (3, 4000), (0.4, 0.9)])
def test_ticks_of_speeds_are_plain_numbers_within_sight(speeds):
    rows = [{**ROW, "images_per_second": speed} for speed in speeds]
    axis = plots.score_speed(rows).axes[0].xaxis
    axis.figure.canvas.draw()
    low, high = axis.get_view_interval()
    shown = [label.get_text() for label in axis.get_ticklabels(which="both") if low <= label.get_position()[0] <= high]
    numbers = [float(text.replace(",", "")) for text in shown if text]
    assert len(numbers) >= 2


def test_names_of_close_points_do_not_lie_on_each_other():
    scores = (0.968, 0.962, 0.9607, 0.9567, 0.88, 0.879)
    rows = [{**ROW, "name": f"rule {row}", "balanced_accuracy": score, "images_per_second": 500 + row}
            for row, score in enumerate(scores)]  # fmt: skip
    figure = plots.score_speed(rows)
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert len(boxes) == len(rows)
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


@pytest.mark.parametrize("rates", [(1e-3, 4e-4, 0.0), (3e-2, 4e-4, 0.0)])
def test_the_end_of_a_schedule_is_in_sight(rates):
    phases = ("head", "fine-tuning", "fine-tuning")
    records = [{"phase": phase, "learning_rate": rate} for phase, rate in zip(phases, rates, strict=True)]
    ax = plots.curves(records, "learning_rate").axes[0]
    heights = ax.transData.transform([(1.0, rate) for rate in rates])[:, 1]
    assert heights.tolist() == sorted(heights, reverse=True)
    assert ax.get_ylim()[0] == 0
    assert heights[1] - heights[2] > 10


def test_risk_falls_where_wrong_answers_are_unsure():
    (curve, _) = plots.risk_coverage([0.1, 0.2, 0.3, 0.9], [True, True, True, False]).axes[0].lines
    np.testing.assert_allclose(curve.get_ydata(), [0, 0, 0, 0.25])


@pytest.mark.parametrize(
    ("draw", "word"),
    [
        (lambda: plots.confusion([0, 1], [0]), "as many"),
        (lambda: plots.confusion([0, 3], [0, 1], ["a", "b"]), "name for each"),
        (lambda: plots.curves(EPOCHS, "speed"), "speed"),
        (lambda: plots.leaderboard([ROW], score="f1"), "f1"),
        (lambda: plots.reliability(np.eye(3), [0]), "row for each"),
    ],
)
def test_what_does_not_fit_is_refused(draw, word):
    with pytest.raises(ValueError, match=word):
        draw()


def test_every_series_is_drawn_and_the_best_row_is_first():
    labels = np.arange(40) % 2
    several = {f"copy {number}": np.full((40, 2), 0.5) for number in range(12)}
    assert len(plots.reliability(several, labels).axes[0].lines) == 1 + 12
    scores = {"balanced_accuracy": 0.5, "balanced_low": 0.4, "balanced_high": 0.6, "kind": "rule"}
    rows = [
        {**scores, "name": name, "accuracy": value, "accuracy_low": value, "accuracy_high": value}
        for name, value in (("middle", 0.6), ("worst", 0.5), ("best", 0.9))
    ]
    drawn = plots.leaderboard(rows, score="accuracy").axes[0].get_yticklabels()
    assert [label.get_text() for label in drawn] == ["worst", "middle", "best"]  # from the bottom up
