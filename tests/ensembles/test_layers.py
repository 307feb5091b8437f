"""ensembles/layers.py: the graph predicts what the rule predicts, with stock layers."""

import os
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from ensembles import RULES, Calibrated, Greedy, NotFittedError, Soft, Stacked, Weighted
from ensembles.layers import as_layers, as_model

pytestmark = pytest.mark.fits


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("members", [1, 2, 4])
def test_the_model_predicts_what_the_rule_predicts(problem: Callable, quick: Callable, name: str, members: int) -> None:
    logits, labels = problem(skills=(1.0, 2.0, 0.5, -1.0)[:members])
    rule = quick(name).fit(logits, labels)
    model = as_model(rule)
    predicted = model.predict(list(logits), verbose=0)
    assert predicted.dtype == np.float32
    np.testing.assert_allclose(predicted, rule.combine(logits), rtol=1e-5, atol=1e-5)
    assert [tensor.name for tensor in model.inputs] == [f"member_{index}" for index in range(members)]
    assert model.output_names == ["logits"]
    assert not model.trainable_variables
    for layer in model.layers:
        assert type(layer).__module__.startswith("keras.")
        assert layer.dtype_policy.name == "float32"


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # TensorFlow's, under NumPy 2
@pytest.mark.parametrize("name", RULES)
def test_a_model_survives_saving(problem: Callable, quick: Callable, name: str, tmp_path: os.PathLike) -> None:
    logits, labels = problem()
    rule = quick(name).fit(logits, labels)
    as_model(rule).save(tmp_path / "rule.keras")
    loaded = keras.saving.load_model(tmp_path / "rule.keras", safe_mode=True)
    np.testing.assert_allclose(loaded.predict(list(logits), verbose=0), rule.combine(logits), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", RULES)
def test_half_precision_members_are_combined_in_float32(problem: Callable, quick: Callable, name: str) -> None:
    logits, labels = problem()
    rule = quick(name).fit(logits, labels)
    inputs = [keras.Input((3,), dtype="float16") for _ in logits]
    output = as_layers(rule, inputs, name="combined")
    assert output.dtype == "float32"
    model = keras.Model(inputs, output)
    assert model.output_names == ["combined"]
    halves = logits.astype(np.float16)
    np.testing.assert_allclose(model.predict(list(halves), verbose=0), rule.combine(halves), rtol=1e-5, atol=1e-5)


def test_a_member_of_weight_zero_is_not_run(problem: Callable) -> None:
    rule = Weighted(shrinkage=0).fit(*problem(skills=(-3.0, 2.0, 2.0)))
    images = keras.Input((5,))
    members = [keras.layers.Dense(3, name=f"dense_{index}")(images) for index in range(3)]
    model = keras.Model(images, as_layers(rule, members))
    assert {layer.name for layer in model.layers} >= {"dense_1", "dense_2"}
    assert "dense_0" not in {layer.name for layer in model.layers}


def test_wrong_tensors_are_errors(problem: Callable) -> None:
    rule = Soft().fit(*problem())
    with pytest.raises(ValueError, match=r"3 tensors.*\(None, 3\)"):
        as_layers(rule, [keras.Input((3,))])
    with pytest.raises(ValueError, match=r"\(None, 4\)"):
        as_layers(rule, [keras.Input((4,))] * 3)


def test_wrong_rules_are_errors() -> None:
    with pytest.raises(NotFittedError, match="Stacked"):
        as_model(Stacked())

    class Other:
        name, shape_ = "other", (1, 3)

    with pytest.raises(TypeError, match=r"Soft.*Other"):
        as_model(Other())


RULES_BESIDE = [
    Soft(over="probabilities"),
    Weighted(over="probabilities", shrinkage=0),
    Weighted(per_class=True, shrinkage=0),
    Weighted(per_class=True, shrinkage=0, over="probabilities"),
    Greedy(over="probabilities"),
    Stacked(over="probabilities", strength=1.0),
    Stacked(estimator=MLPClassifier((4,), solver="lbfgs", max_iter=10, random_state=0)),
    Stacked(estimator=LogisticRegression()),
    Calibrated(rule=Greedy(), members="temperature", whole="vector"),
    Calibrated(rule=Weighted(shrinkage=0, over="probabilities"), members="vector"),
    Calibrated(rule=Soft(), whole="none"),
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("rule", RULES_BESIDE, ids=str)
def test_every_option_has_its_layers(problem: Callable, rule: object) -> None:
    logits, labels = problem(skills=(1.0, 2.0, 0.5, -1.0))
    rule.fit(logits, labels)
    model = as_model(rule)
    np.testing.assert_allclose(model.predict(list(logits), verbose=0), rule.combine(logits), rtol=1e-4, atol=1e-4)
    again = keras.models.model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    assert model.output_names == ["logits"]
    np.testing.assert_allclose(again.predict(list(logits), verbose=0), rule.combine(logits), rtol=1e-4, atol=1e-4)


def test_a_forest_has_no_layers(problem: Callable) -> None:
    rule = Stacked(estimator=RandomForestClassifier(3)).fit(*problem())
    with pytest.raises(TypeError, match="Keras layers"):
        as_model(rule)
