"""What every public function says of arrays that are not what it takes."""

import warnings

import numpy as np
import pytest

import ensembles
from ensembles import bootstrap, diversity, metrics, uncertainty

RANDOM = np.random.default_rng(0)
LABELS = np.arange(24) % 3
MEMBERS = RANDOM.normal(size=(2, 24, 3))
ONE = MEMBERS[0]
FEATURES = RANDOM.normal(size=(24, 5))


def _with(array, value):
    changed = array.copy()
    changed[..., 0, 0] = value
    return changed


RULES = ensembles.RULES

STRANGE = {
    "NaN": lambda array: _with(array, np.nan),
    "infinity": lambda array: _with(array, np.inf),
    "objects": lambda array: np.where(array > 0, array, None),
    "text": lambda array: array.astype(str),
    "complex": lambda array: array.astype(complex),
    "ragged": lambda array: [[1.0, 2.0], [1.0]],
    "nothing": lambda array: None,
    "a dict": lambda array: {"logits": 1},
    "a number": lambda array: 1.5,
}
STRANGE_SHAPES = {
    "another axis": lambda array: array[None],
    "one axis less": lambda array: array[0],
    "no rows": lambda array: array[..., :0, :],
    "one class": lambda array: array[..., :1],
    "samples last": lambda array: np.swapaxes(array, -1, -2),
    "whole numbers": lambda array: (9 * array).astype(int),
}
STRANGE_MEMBERS = {"no members": lambda array: array[:0], "samples first": lambda array: array.swapaxes(0, 1)}
STRANGE_LABELS = {
    "floats": LABELS.astype(float),
    "NaN": np.where(LABELS == 0, np.nan, LABELS),
    "bools": LABELS > 0,
    "text": LABELS.astype(str),
    "objects": LABELS.astype(object),
    "one-hot": np.eye(3)[LABELS],
    "a column": LABELS[:, None],
    "too few": LABELS[:-1],
    "below 0": LABELS - 1,
    "too high": LABELS + 1,
    "nothing": None,
    "a number": 1,
    "ragged": [[1, 2], [1]],
}
OF_ONE = {
    **{name: getattr(metrics, name) for name in metrics.scores(ONE, LABELS)},
    "scores": metrics.scores,
    "reliability": metrics.reliability,
    "interval": bootstrap.interval,
    "difference": lambda logits, labels: bootstrap.difference(logits, ONE, labels),
    "difference from others": lambda logits, labels: bootstrap.difference(ONE, logits, labels),
    "sign_test": lambda logits, labels: bootstrap.sign_test(ONE, logits, labels),
    "row_scores": lambda logits, labels: bootstrap.row_scores(logits, labels, "log_loss"),
    "Temperature": lambda logits, labels: ensembles.Temperature().fit(logits, labels),
    "VectorScaling": lambda logits, labels: ensembles.VectorScaling().fit(logits, labels),
    "Conformal": lambda logits, labels: ensembles.Conformal().fit(logits, labels),
}
OF_MEMBERS = {
    **{rule: (lambda logits, labels, rule=rule: ensembles.make_rule(rule).fit(logits, labels)) for rule in RULES},
    **{name: getattr(diversity, name) for name in ("disagreement", "double_fault", "q_statistic", "error_correlation")},
    "ambiguity": diversity.ambiguity,
    "removal": lambda logits, labels: diversity.removal(ensembles.Soft(), logits, labels),
    "out_of_fold": lambda logits, labels: ensembles.out_of_fold(ensembles.Soft(), logits, labels),
    "cross_fit": lambda logits, labels: ensembles.cross_fit(ensembles.Soft(), logits, labels),
    "calibrated": lambda logits, labels: ensembles.calibrated(ensembles.Soft(), "none", "vector").fit(logits, labels),
}  # fmt: skip
SCALED, SETS = ensembles.Temperature().fit(ONE, LABELS), ensembles.Conformal().fit(ONE, LABELS)
VECTOR, COPIES = ensembles.VectorScaling().fit(ONE, LABELS), ensembles.cross_fit(ensembles.Soft(), MEMBERS, LABELS)
LIMIT = ensembles.choose_abstention(uncertainty.entropy(ONE), LABELS == 0, 0.9)
DISTANCE = ensembles.FeatureDistance().fit(FEATURES, LABELS)
WITHOUT_LABELS = {  # the values that they take
    "softmax": (metrics.softmax, ONE),
    "log_softmax": (metrics.log_softmax, ONE),
    "entropy": (uncertainty.entropy, ONE),
    "max_softmax": (uncertainty.max_softmax, ONE),
    "energy": (uncertainty.energy, ONE),
    "mutual_information": (uncertainty.mutual_information, MEMBERS),
    "Temperature.apply": (SCALED.apply, ONE),
    "VectorScaling.apply": (VECTOR.apply, ONE),
    "Conformal.sets": (SETS.sets, ONE),
    "CrossFitted.combine": (COPIES.combine, MEMBERS),
    "FeatureDistance.fit": (lambda features: ensembles.FeatureDistance().fit(features, LABELS), FEATURES),
    "FeatureDistance.score": (DISTANCE.score, FEATURES),
    "mean_interval": (bootstrap.mean_interval, ONE),
    **{
        f"{name}.combine": (ensembles.make_rule(name).fit(MEMBERS, LABELS).combine, MEMBERS) for name in ensembles.RULES
    },
}


def _refused(function, *arguments):
    with pytest.raises((ValueError, TypeError), match=r"^Expected .*received"):
        function(*arguments)


@pytest.mark.parametrize("strange", STRANGE | STRANGE_SHAPES)
@pytest.mark.parametrize("name", OF_ONE)
def test_logits_of_one_are_checked(name, strange):
    _refused(OF_ONE[name], (STRANGE | STRANGE_SHAPES)[strange](ONE), LABELS)


@pytest.mark.parametrize("strange", STRANGE | STRANGE_SHAPES | STRANGE_MEMBERS)
@pytest.mark.parametrize("name", OF_MEMBERS)
def test_logits_of_members_are_checked(name, strange):
    _refused(OF_MEMBERS[name], (STRANGE | STRANGE_SHAPES | STRANGE_MEMBERS)[strange](MEMBERS), LABELS)


@pytest.mark.parametrize("strange", STRANGE_LABELS)
@pytest.mark.parametrize("name", OF_ONE | OF_MEMBERS)
def test_labels_are_checked(name, strange):
    logits = ONE if name in OF_ONE else MEMBERS
    _refused((OF_ONE | OF_MEMBERS)[name], logits, STRANGE_LABELS[strange])


@pytest.mark.parametrize("strange", STRANGE)
@pytest.mark.parametrize("name", WITHOUT_LABELS)
def test_what_needs_no_labels_is_checked(name, strange):
    function, values = WITHOUT_LABELS[name]
    if (strange, name) == ("a number", "Temperature.apply"):
        pytest.skip("it is divided")
    _refused(function, STRANGE[strange](values))


@pytest.mark.parametrize("labels", [np.where(LABELS == 0, np.nan, LABELS), LABELS[:-1], None, [[1], [1, 2]]])
def test_labels_of_features_are_checked(labels):
    _refused(lambda: ensembles.FeatureDistance().fit(FEATURES, labels))


@pytest.mark.parametrize("values", [np.full(24, np.nan), np.full(24, "a"), None, [[1.0], [1.0, 2.0]]])
def test_uncertainties_are_checked(values):
    _refused(ensembles.choose_abstention, values, LABELS == 0, 0.5)
    _refused(LIMIT.accepts, values)


@pytest.mark.parametrize("value", [0, 1, 1.5, "0.9", None, np.nan])
def test_shares_are_checked(value):
    _refused(lambda: bootstrap.interval(ONE, LABELS, confidence=value))
    _refused(lambda: ensembles.Conformal(coverage=value).fit(ONE, LABELS))
    _refused(lambda: ensembles.choose_abstention(np.zeros(24), LABELS == 0, value))


@pytest.mark.parametrize("value", [0, 1, 2.5, "5", None, True])
def test_counts_are_checked(value):
    _refused(lambda: ensembles.out_of_fold(ensembles.Soft(), MEMBERS, LABELS, folds=value))
    if value != 1:
        _refused(lambda: bootstrap.interval(ONE, LABELS, resamples=value))


@pytest.mark.parametrize(("order", "advice"), [((1, 0, 2), "swapaxes"), ((0, 2, 1), "moveaxis")])
def test_axes_in_another_order_are_told_how_to_turn(order, advice):
    with pytest.raises(ValueError, match=advice):
        ensembles.Soft().fit(MEMBERS.transpose(order), LABELS)


@pytest.mark.parametrize("fit", [
    lambda p: metrics.log_loss(p[0], LABELS), lambda p: metrics.ece(p[0], LABELS),
    lambda p: ensembles.Soft().fit(p, LABELS), lambda p: ensembles.Weighted().fit(p, LABELS),
    lambda p: ensembles.Temperature().fit(p[0], LABELS), lambda p: ensembles.Conformal().fit(p[0], LABELS),
])  # fmt: skip
def test_probabilities_in_the_place_of_logits_are_warned_of(fit):
    with pytest.warns(UserWarning, match=r"look like probabilities.*np\.log"):
        fit(metrics.softmax(MEMBERS))


WARNED = OF_MEMBERS | {
    name: OF_ONE[name] for name in ("scores", "log_loss", "brier", "ece", "Temperature", "Conformal")
}


def _warnings(function, *arguments):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function(*arguments)
    return caught


@pytest.mark.parametrize("name", WARNED)
def test_probabilities_are_warned_of_once_at_the_users_line(name):
    values = metrics.softmax(3 * RANDOM.normal(size=(2, 90, 3)))
    (warning,) = _warnings(WARNED[name], values[0] if name in OF_ONE else values, np.arange(90) % 3)
    assert warning.filename == __file__


def test_percentages_are_too():
    with pytest.warns(UserWarning, match=r"sum to 100, .*percentages / 100"):
        ensembles.Soft().fit(100 * metrics.softmax(MEMBERS), LABELS)


@pytest.mark.parametrize(("shape", "axis"), [((5, 24, 3), 0), ((5, 24, 5), 0), ((2, 24, 24), 1)])
def test_classes_along_another_axis_are_told_how_to_turn(shape, axis):
    values = np.moveaxis(metrics.softmax(np.moveaxis(RANDOM.normal(size=shape), axis, -1)), -1, axis)
    with pytest.warns(UserWarning, match=rf"along axis {axis} .*swapaxes\({axis}, 2\)"):
        ensembles.Soft().fit(values, LABELS)


def test_samples_before_members_and_classes_first_are_refused_with_the_axes():
    with pytest.raises(ValueError, match=r"range\(2\).*swapaxes\(0, 2\)"):
        ensembles.Soft().fit(MEMBERS.swapaxes(0, 2), LABELS)
    with pytest.raises(ValueError, match=r"range\(3\).*from 0\.$"):
        ensembles.Soft().fit(RANDOM.normal(size=(9, 24, 3)), LABELS + 1)


def test_classes_that_seem_to_be_counted_from_one_are_warned_of():
    with pytest.warns(UserWarning, match="class 0.*labels - 1"):
        ensembles.Soft().fit(RANDOM.normal(size=(2, 24, 4)), LABELS + 1)
    assert not _warnings(ensembles.Soft().fit, RANDOM.normal(size=(2, 24, 5)), LABELS + 1)


def test_votes_and_logarithms_of_probabilities_are_not():
    metrics.log_loss(np.eye(3)[LABELS], LABELS)
    ensembles.Soft().fit(metrics.log_softmax(MEMBERS), LABELS)


def test_a_probability_of_zero_has_a_logit():
    assert metrics.softmax([[-np.inf, 0.0, 0.0]]).tolist() == [[0.0, 0.5, 0.5]]


@pytest.mark.parametrize("whole", [1, 100])
def test_probabilities_of_one_member_among_logits_are_named(whole):
    logits = np.random.default_rng(0).normal(size=(3, 50, 4))
    shares = np.exp(logits[1])
    mixed = np.stack([logits[0], whole * shares / shares.sum(axis=1, keepdims=True), logits[2]])
    with pytest.warns(UserWarning, match="member 1.*np.log"):
        ensembles.Soft().fit(mixed, np.arange(50) % 4)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_members_that_are_not_finite_are_named_with_their_rows(value):
    logits = np.random.default_rng(0).normal(size=(4, 24, 3))
    logits[1, :2], logits[3, 5, 1] = value, value
    with pytest.raises(ValueError, match=r"2 of 24 rows of member 1, .* 1 of 24 rows of member 3"):
        ensembles.Soft().fit(logits, LABELS)
    with pytest.raises(ValueError, match="2 of 24 rows"):
        metrics.log_loss(logits[1], LABELS)


def test_logarithms_of_zero_are_told_to_be_clipped():
    with np.errstate(divide="ignore"):
        logits = np.log(np.eye(3)[np.stack([LABELS, LABELS])])
    with pytest.raises(ValueError, match=r"-infinity in 24 of 24 rows of member 0.*np\.log\(np\.clip"):
        ensembles.Soft().fit(logits, LABELS)
