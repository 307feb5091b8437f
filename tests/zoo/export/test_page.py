"""The code of docs/exporting.md that asks an exported SavedModel for files."""

import base64
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

pytestmark = pytest.mark.fits

PAGE = Path(__file__).resolve().parents[3] / "docs" / "exporting.md"


def test_files_are_asked_for_in_python_and_as_base64(exported, ensemble, blobs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(exported, Path("runs/cells/saved_model"))
    for number in range(3):
        Image.fromarray(blobs.pixels[number]).save(f"{number}.png")
    found = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    asking, encoding = (block for block in found if "in paths]" in block)
    page = {"paths": ["0.png", "1.png", "2.png"]}
    exec(asking, page)
    expected = ensemble.predict_proba(blobs.pixels[:3])
    np.testing.assert_allclose(page["probabilities"], expected, atol=1e-5)
    exec(encoding, page)
    request = json.loads(Path("request.json").read_text())
    files = [base64.b64decode(instance["image_bytes"]["b64"]) for instance in request["instances"]]
    again = page["loaded"].signatures[request["signature_name"]](image_bytes=tf.constant(files))
    np.testing.assert_allclose(again["probabilities"], expected, atol=1e-5)
