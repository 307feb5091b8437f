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

pytestmark = pytest.mark.fits

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scikit-learn.md"
NOT_FOR_IMAGES = dict(re.findall(r"^\| `(check_\w+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE))
LONG = (  # they train; one that does, check_estimators_fit_returns_self, stays with the others
    "check_classifier_data_not_an_array",
    "check_classifiers_classes",
    "check_classifiers_train",
    "check_dont_overwrite_parameters",
    "check_estimators_dtypes",
    "check_estimators_nan_inf",
    "check_estimators_overwrite_params",
    "check_estimators_pickle",
    "check_f_contiguous_array_estimator",
    "check_dict_unchanged",
    "check_fit2d_1feature",
    "check_fit2d_predict1d",
    "check_fit_check_is_fitted",
    "check_fit_idempotent",
    "check_fit_score_takes_y",
    "check_methods_sample_order_invariance",
    "check_methods_subset_invariance",
    "check_n_features_in",
    "check_n_features_in_after_fitting",
    "check_pipeline_consistency",
    "check_positive_only_tag_during_fit",
    "check_readonly_memmap_input",
    "check_supervised_y_2d",
)
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

    Numbers are shown by their brightness, from -3 as black to 3 as full; farther off the scale is folded back. What
    is no number stays none.
    """
    drawn = np.asarray(table)
    if drawn.ndim != 2 or drawn.dtype.kind not in "iuf":
        return table
    return striped(shown(drawn))


def shown(table):
    finite = np.isfinite(table)
    brightness = np.rint(255 - np.abs((np.where(finite, table, 0) * 42.0 + 128) % 510 - 255))
    return np.where(finite, brightness, table).astype(table.dtype)


def striped(values):
    rows, columns = values.shape
    drawn = np.zeros((rows, STRIPE, columns, STRIPE, 3), values.dtype)
    for column in range(columns):
        drawn[:, :, column, :, column % 3] = values[:, column, None, None]
    return drawn.reshape(rows, STRIPE, columns * STRIPE, 3)


def name_of(check):
    return name_of(check.func) if hasattr(check, "func") else check.__name__


RECIPE = Recipe(head_epochs=12, epochs=0, batch_size=8, head_learning_rate=2e-3, augment="none")
CHECKS = [
    pytest.param(
        estimator, check, id=f"{number}-{name_of(check)}", marks=pytest.mark.slow if name_of(check) in LONG else []
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
