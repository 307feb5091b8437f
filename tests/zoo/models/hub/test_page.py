"""docs/hub.md: its code runs."""

import re
from pathlib import Path

import pytest

from zoo.models.hub.building import LEAN

PAGE = Path(__file__).resolve().parents[4] / "docs" / "hub.md"


@pytest.mark.fits
def test_the_pages_code(presets, monkeypatch, tmp_path):
    (tmp_path / "presets").symlink_to(presets("vit_tiny").folder.parent)
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE):
        exec(block, names)
    assert names["member"].model.input_shape == (None, 96, 96, 3)
    assert names["recipe"].adapt == "lora"


def test_the_page_and_the_error_name_the_same_packages():
    assert f"pip install {LEAN}" in PAGE.read_text()
