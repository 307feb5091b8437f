"""zoo/html_report/sections/curves.py: which epoch a training kept."""

import numpy as np
import pytest

from zoo.html_report.sections.curves import kept_epoch


@pytest.mark.parametrize(
    ("losses", "kept"),
    [([0.9, 0.4, 0.5], 1), ([0.9, 0.4, np.nan], 1), ([np.inf, None, 0.7], 2), ([np.nan, None], None), ([], None)],
)
def test_the_kept_epoch_is_that_of_the_least_finite_loss(losses, kept):
    assert kept_epoch([{"val_loss": loss} for loss in losses]) == kept
