"""The ensemble that is written."""

import pytest


@pytest.fixture(scope="session")
def splits(colours):
    return colours


@pytest.fixture(scope="session")
def ensemble(trained):
    return trained
