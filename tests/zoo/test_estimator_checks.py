"""scikit-learn's own checks, handed images in place of tables.

They make tables of floats. Here a table's rows become small pictures, a stripe for each column; what is no table, or no
number, passes as it is and is for ``Ensemble`` to refuse. Which checks do not apply, and why, is read from the page
that tells users.
"""

import re
from pathlib import Path
from unittest import SkipTest

import numpy as np
import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from zoo import Ensemble, Recipe

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scikit-learn.md"
NOT_FOR_IMAGES = dict(re.findall(r"^\| `(check_\w+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE))
QUICK = ("check_estimators_fit_returns_self", "check_estimators_nan_inf", "check_classifiers_regression_target")
STRIPE = 8  # pixels


class TableEnsemble(Ensemble):
    """An ensemble of pictures of tables."""

    def fit(self, train, validation=None):
        return super().fit(pictures(train), validation)

    def logits(self, images):
        return super().logits(pictures(images))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        tags.input_tags.positive_only = False
        return tags


def pictures(table):
    """Rows ``(N, columns)`` as pictures ``(N, 8, 8 * columns, 3)``: of each column a stripe, red, green, blue in turn.

    Numbers are shown by their brightness, -3 as black and 3 as full, and farther ones as if the scale were folded; what is
    no number stays none.
    """
    if np.ndim(table) != 2 or np.asarray(table).dtype.kind not in "iuf":
        return table
    table = np.asarray(table)
    brightness = np.rint(255 - np.abs((table * 42.0 + 128) % 510 - 255))
    shown = np.where(np.isfinite(table), brightness, table).astype(table.dtype)
    columns = table.shape[1]
    drawn = np.zeros((len(table), STRIPE, columns, STRIPE, 3), shown.dtype)
    for column in range(columns):
        drawn[:, :, column, :, column % 3] = shown[:, column, None, None]
    return drawn.reshape(len(table), STRIPE, columns * STRIPE, 3)


def name_of(check):
    return name_of(check.func) if hasattr(check, "func") else check.__name__


RECIPE = Recipe(head_epochs=6, epochs=0, batch_size=16, head_learning_rate=3e-3)
CHECKS = [
    pytest.param(
        estimator, check, id=f"{number}-{name_of(check)}", marks=[] if name_of(check) in QUICK else pytest.mark.slow
    )
    for number, (estimator, check) in enumerate(
        estimator_checks_generator(TableEnsemble(["simple_cnn"], recipe=RECIPE))
    )
]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """One for all checks: several hand in the same table."""
    return tmp_path_factory.mktemp("store")


@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_scikit_learns_checks(estimator, check, store):
    estimator.set_params(store=store)
    if name_of(check) not in NOT_FOR_IMAGES:
        check(estimator)
        return
    with pytest.raises(Exception) as failure:  # noqa: PT011 - any: the page says why
        check(estimator)
    assert not isinstance(failure.value, SkipTest)


def test_the_page_names_checks_that_there_are():
    known = {name_of(check) for _, check in estimator_checks_generator(TableEnsemble(["simple_cnn"]))}
    assert set(NOT_FOR_IMAGES) <= known
