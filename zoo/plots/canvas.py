"""What all plots share: a figure without pyplot's global state, colours, and SVG for a page that is light or dark."""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, Any

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from zoo.utils.hashing import short_hash

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#010203"  # stands for the page's own colour of text, which is another one in the dark
FIRST, SECOND, THIRD, WRONG, FAINT = "#2f6fb7", "#d9822b", "#3a9d5d", "#c23b3b", "#8a94a0"
COLOURS = (FIRST, SECOND, THIRD, "#8457b5", "#b0508d", "#5aa5b0", "#a38b3f", "#6b7280", WRONG, "#3f7f3f")

LONGEST = 40  # letters of a name beside an axis

STYLE: dict[Any, Any] = {
    "font.size": 9.0,
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.titlesize": 10.0,
    "axes.titlecolor": INK,
    "text.color": INK,
    "text.parse_math": False,  # a class named a$b$ is no formula
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": FAINT,
    "grid.alpha": 0.25,
    "legend.frameon": False,
    "svg.fonttype": "none",  # texts stay texts: they can be searched and read aloud
    "svg.hashsalt": "ensemble-zoo",  # the same numbers give the same bytes
}


def shown_in_legend(name: str) -> str:
    """A name that a legend lists: matplotlib leaves out those that begin with an underscore."""
    return f"\N{ZERO WIDTH SPACE}{name}" if name.startswith("_") else name


def as_tick(name: str) -> str:
    """A name as a plot has room for it: beside 120 letters there is none for the plot itself."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


class Plot(Figure):
    """A figure that a notebook shows, and that no window or global list holds."""

    def _repr_svg_(self) -> str:
        """Show it where a notebook shows a value."""
        return as_svg(self)


def axes_for(ax: Axes | None, size: tuple[float, float] = (5.0, 3.2)) -> Axes:
    """The axis to draw on: the given one, or that of a new figure of so many inches ``(width, height)``."""
    if ax is not None:
        return ax
    figure = Plot(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    figure.patch.set_alpha(0)
    made = figure.add_subplot()
    made.patch.set_alpha(0)
    return made


def figure_of(ax: Axes) -> Figure:
    """The figure that an axis is in."""
    found = ax.get_figure(root=True)
    assert found is not None  # an axis that was just drawn on
    return found


def as_svg(figure: Figure) -> str:
    """Write a figure as an SVG element, to stand inside a page.

    Its texts and lines take the page's colour of text, so that it can be read in the light and in the dark. Ids are
    made its own, as a page may hold several.
    """
    text = io.StringIO()
    with rc_context(STYLE), warnings.catch_warnings():
        # An SVG's texts are drawn by whoever shows it, in a font that has their letters.
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from font")
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    svg = text.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    return _own_ids(svg.replace(INK, "currentColor"))


def as_png(figure: Figure, *, dpi: int = 150) -> tuple[bytes, tuple[int, int]]:
    """Write a figure as a PNG image on white; returns it and its ``(height, width)`` in pixels."""
    data, clear = io.BytesIO(), figure.patch.get_alpha()
    figure.patch.set_alpha(1)
    with rc_context(STYLE):
        figure.savefig(data, format="png", dpi=dpi, facecolor="white")
    figure.patch.set_alpha(clear)
    png = data.getvalue()
    return png, (int.from_bytes(png[20:24], "big"), int.from_bytes(png[16:20], "big"))  # as the header says


def _own_ids(svg: str) -> str:
    return with_ids(svg, "p" + short_hash([svg])[:8])


def with_ids(svg: str, mark: str) -> str:
    """Put a mark before every id of an SVG element, and before what refers to it."""
    svg = re.sub(r'id="([^"]+)"', rf'id="{mark}-\1"', svg)
    return re.sub(r'(url\(#|href="#)', rf"\1{mark}-", svg)
