"""A map of the images as a member describes them."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from zoo.html_report.blocks import Plots, Section
from zoo.html_report.findings import Findings
from zoo.plots import as_svg, feature_map

MOST = 600  # images: a map of more has no room for points


def section(findings: Findings) -> Section | None:
    """Lay the features of the first member with a backbone of this library out in a plane."""
    able = [member for member in findings.state.members if member.has_features]
    if not able or len(findings.labels) < 3:
        return None
    random = np.random.default_rng(findings.seed)
    rows = np.sort(random.permutation(len(findings.labels))[:MOST])
    places, how = in_a_plane(able[0].features(findings.pixels(rows)), findings.seed)
    plot = feature_map(places, findings.labels[rows], findings.classes, wrong=~findings.right[rows])
    caption = f"{len(rows)} images as {able[0].name} describes them ({how}); rings mark wrong answers"
    return Section("feature_map", "Map of the images", [Plots([(caption, as_svg(plot))])], {"projection": how})


def in_a_plane(features: np.ndarray, seed: int) -> tuple[np.ndarray, str]:
    """Project features ``(N, D)`` to ``(N, 2)``, by UMAP where it is installed, else on two principal components."""
    if find_spec("umap"):
        from umap import UMAP

        return UMAP(random_state=seed).fit_transform(features), "UMAP"
    from sklearn.decomposition import PCA

    return PCA(2, random_state=seed).fit_transform(features), "PCA"
