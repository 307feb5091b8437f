"""What a section of the page is made of: texts, tables, plots and pictures; the template knows how each looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias


@dataclass(frozen=True)
class Text:
    """A paragraph.

    Attributes:
        text: plain text.
        warns: it is something to be careful of.
    """

    kind: ClassVar[str] = "text"

    text: str
    warns: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes:
        text: what stands in it.
        link: id of what it opens on the page; "" for none.
        shade: 0 to 1, how much it is coloured.
    """

    text: str
    link: str = ""
    shade: float = 0.0


@dataclass(frozen=True)
class Table:
    """A table; the first column holds names.

    Attributes:
        columns: the heads.
        rows: cells, or their texts.
        marked: index of the row that stands out; None for none.
        sorts: JavaScript, where there is some, sorts it by a click on a head.
    """

    kind: ClassVar[str] = "table"

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell | str]]
    caption: str = ""
    marked: int | None = None
    sorts: bool = True


@dataclass(frozen=True)
class Plots:
    """Plots side by side.

    Attributes:
        plots: the caption and the SVG of each.
    """

    kind: ClassVar[str] = "plots"

    plots: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Picture:
    """One image.

    Attributes:
        source: a data URI.
        lines: what stands below it.
        map: a data URI of the image with its heat map; "" without.
        wrong: the answer is wrong.
    """

    source: str
    lines: Sequence[str] = ()
    map: str = ""
    wrong: bool = False


@dataclass(frozen=True)
class Pictures:
    """Images in rows.

    Attributes:
        pictures: the images.
        title: what they are.
        id: by which a cell of a table opens them; they are hidden until then. "" for images that are always there.
    """

    kind: ClassVar[str] = "pictures"

    pictures: Sequence[Picture]
    title: str = ""
    id: str = ""


Block: TypeAlias = Text | Table | Plots | Pictures


@dataclass(frozen=True)
class Section:
    """A section of the page.

    Attributes:
        id: its name in addresses, and in the JSON.
        title: its head.
        blocks: what is in it.
        numbers: what it says, for programs.
    """

    id: str
    title: str
    blocks: Sequence[Block]
    numbers: dict[str, Any] = field(default_factory=dict)
