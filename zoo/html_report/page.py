"""Writing the page, and the same numbers as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from zoo.html_report.blocks import Section
from zoo.html_report.findings import Findings
from zoo.html_report.sections import OF_ANSWERS, SECTIONS
from zoo.plots.canvas import with_ids
from zoo.state.made_from import KEY, made_from
from zoo.utils.files import read_json, replacing
from zoo.utils.named_paths import destination
from zoo.utils.own_files import check_own
from zoo.utils.progress import track
from zoo.utils.version import __version__

TEMPLATE = "page.html.j2"
SIGNED = b"by ensemble-zoo"  # in every page


@dataclass(frozen=True, eq=False)
class Report:
    """A report.

    Attributes:
        title: of the page.
        sections: in their order.
        made: when.
        made_from: a digest of what the ensemble answers by, by which a later fit is told.
    """

    title: str
    sections: tuple[Section, ...]
    made: str
    made_from: str

    @property
    def html(self) -> str:
        """The page: one document that refers to nothing outside of itself."""
        from jinja2 import Environment, PackageLoader, select_autoescape

        environment = Environment(
            loader=PackageLoader("zoo.html_report", "."),
            autoescape=select_autoescape(["j2"]),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        numbers = count(1)  # two plots of the same numbers are the same bytes, ids included
        environment.filters["with_own_ids"] = lambda svg: with_ids(svg, f"n{next(numbers)}")
        return environment.get_template(TEMPLATE).render(report=self, version=__version__)

    @property
    def numbers(self) -> dict[str, Any]:
        """All numbers of the page, by section, as plain values for JSON."""
        plain: dict[str, Any] = _plain({section.id: section.numbers for section in self.sections})
        return {"title": self.title, "made": self.made, KEY: self.made_from, "version": __version__, **plain}

    def write(self, path: str | Path) -> Path:
        """Write the page, and beside it the numbers under the same name with ``.json``; returns the page's path.

        Raises:
            FileExistsError: the page, or the file for its numbers, is there, and no report wrote it.
            ValueError: a path that does not end in ``.html``.
        """
        path = destination(path)
        check_page(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        for target, text in ((path.with_suffix(".json"), json.dumps(self.numbers, indent=1)), (path, self.html)):
            with replacing(target) as beside:
                beside.write_text(text, encoding="utf-8")
        return path

    def __repr__(self) -> str:
        return f"<Report {self.title!r}: {', '.join(section.id for section in self.sections)}>"

    def _repr_html_(self) -> str:
        """Show the page in a notebook, in a frame of its own, so that its styles stay in it."""
        from html import escape

        return f'<iframe srcdoc="{escape(self.html)}" width="100%" height="800" style="border:0"></iframe>'


def check_page(path: Path) -> None:
    """Check before long work that a report can be written; raises as :meth:`Report.write`."""
    path = path.expanduser()
    if path.suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"Expected the path of a page, that ends in .html; received {path}. Write {path}.html.")
    check_own(path, _is_page, "an earlier report")
    numbers = path.with_suffix(".json")
    if numbers.exists() and not _is_of_report(numbers):
        raise FileExistsError(
            f"Expected {numbers} to be free, or the numbers of an earlier report, as those of this one are written "
            "there; it is something else. Choose another name for the page."
        )


def _is_page(path: Path) -> bool:
    return SIGNED in path.read_bytes()


def _is_of_report(path: Path) -> bool:
    try:
        return {"title", "made", "version", "verdict"} <= set(read_json(path))
    except (OSError, ValueError, TypeError):
        return False


def make_report(findings: Findings, title: str) -> Report:
    """Make the sections of a report."""
    made = []
    sections = [section for section in SECTIONS if section not in OF_ANSWERS or not findings.unscored]
    for section in track(sections, "report", len(sections), "sections"):
        own = section(findings)
        if own is not None:
            made.append(own)
    state, now = findings.state, datetime.now().astimezone().isoformat(timespec="minutes")
    return Report(title, tuple(made), now, made_from(state, state.method))


def _plain(value: Any) -> Any:
    """Make plain values of NumPy's; what is no finite number is null, which JSON has no other word for."""
    if isinstance(value, Mapping):
        return {str(name): _plain(own) for name, own in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(own) for own in value]
    if isinstance(value, np.generic | np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
