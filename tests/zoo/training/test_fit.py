"""zoo/training/fit.py: what the phases compile."""

import keras
import pytest

from zoo.assembly import assemble
from zoo.plan import Plan
from zoo.recipe import Recipe
from zoo.training import fit


@pytest.mark.parametrize(
    ("precision", "scaled"), [("mixed_float16", True), ("mixed_bfloat16", False), ("float32", False)]
)
def test_the_loss_is_scaled_where_gradients_are_float16(precision, scaled):
    model = assemble(Plan(backbone="simple_cnn", classes=3, image_size=16, precision=precision))
    (phase,) = fit.phases(Recipe(), pretrained=False)
    fit._prepare(model, phase, Recipe(), steps_an_epoch=2)
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer) == (precision == "mixed_float16")
