"""zoo/training/phases.py: rates by hand."""

import numpy as np
import pytest

from zoo import Recipe
from zoo.training.phases import Phase, schedule


def _rates(at, epochs=10, steps_an_epoch=10, final=0.0, **options):
    phase = Phase("head", epochs, 0.1, final, None, False)
    rate = schedule(Recipe(**options), phase, steps_an_epoch)
    return [float(rate(step)) for step in at]


def test_a_constant_rate():
    assert _rates((0, 50, 99), schedule="constant", warmup=0.0) == [pytest.approx(0.1)] * 3


def test_the_cosine_without_warm_up_by_hand():
    # 0.1 * ((1 - 0.2) * (1 + cos(pi * step / 100)) / 2 + 0.2)
    rates = _rates((0, 50, 100, 150), final=0.02, warmup=0.0)
    np.testing.assert_allclose(rates, [0.1, 0.06, 0.02, 0.02], rtol=1e-5)


def test_the_warm_up_is_a_straight_line_and_the_cosine_takes_the_rest():
    # 20 of 100 steps warm up; of the other 80, 40 are half the cosine
    rates = _rates((0, 4, 9, 19, 20, 60, 100), warmup=0.2)
    np.testing.assert_allclose(rates, [0.005, 0.025, 0.05, 0.1, 0.1, 0.05, 0], atol=1e-7)


def test_steps_fall_after_so_many_epochs_and_stop_at_the_final_rate():
    rates = _rates((0, 29, 30, 59, 60, 99), schedule="step", drop=0.1, drop_after=3, warmup=0.0, final=0.005)
    np.testing.assert_allclose(rates, [0.1, 0.1, 0.01, 0.01, 0.005, 0.005], rtol=1e-6)


def test_steps_fall_between_epochs_also_after_a_warm_up():
    rates = _rates((4, 10, 29, 30), schedule="step", drop=0.5, drop_after=3, warmup=0.15)
    np.testing.assert_allclose(rates, [0.1 * 5 / 15, 0.1 * 11 / 15, 0.1, 0.05], rtol=1e-6)


def test_a_phase_too_short_for_a_step_keeps_its_rate():
    assert _rates((0, 9), epochs=1, schedule="step", drop_after=3, warmup=0.0) == [pytest.approx(0.1)] * 2


def test_the_plateaus_rate_rises_and_stays_until_its_callback_lowers_it():
    rates = _rates((4, 10, 99), schedule="plateau", warmup=0.1)
    np.testing.assert_allclose(rates, [0.05, 0.1, 0.1], rtol=1e-6)


def test_a_phase_of_one_step_has_a_rate():
    assert _rates((0,), epochs=1, steps_an_epoch=1) == [pytest.approx(0.1)]


def test_the_second_reports_rates():
    phase = Phase("head", 10, 5e-4, 1e-5, None, False)
    rate = schedule(Recipe(warmup=0.0), phase, 7)
    np.testing.assert_allclose([float(rate(0)), float(rate(70))], [5e-4, 1e-5], rtol=1e-5)
