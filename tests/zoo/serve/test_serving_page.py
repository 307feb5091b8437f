"""docs/serving.md: its code, on a server in a thread."""

import io
import json
import re
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BLOCKS = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs" / "serving.md").read_text(), re.DOTALL | re.MULTILINE)


@pytest.fixture
def picture(tmp_path, monkeypatch, colour):
    monkeypatch.chdir(tmp_path)
    Path("cell.jpg").write_bytes(colour(200, 9, 9, kind="JPEG"))


@pytest.mark.usefixtures("picture")
def test_a_request_from_python(address, capsys):
    exec(BLOCKS[0].replace("http://127.0.0.1:8000/", address), {})
    name, probability, accepted = capsys.readouterr().out.split()
    assert (name, accepted, float(probability) > 0.8) == ("red", "True", True)


@pytest.mark.usefixtures("picture")
def test_a_client_of_triton(address, capsys):
    pytest.importorskip("tritonclient", reason="pip install 'tritonclient[http]'")
    code = BLOCKS[1].replace("127.0.0.1:8000", address.removeprefix("http://").strip("/"))
    exec(code.replace('"saved_model"', '"ensemble"'), {"Path": Path})
    assert "b'red'" in capsys.readouterr().out


@pytest.mark.usefixtures("picture")
def test_a_request_for_tf_serving_is_what_its_api_takes(monkeypatch, capsys):
    """The form is that of TF Serving's REST API: named inputs of a signature, in columns."""

    def answered(request):
        told = json.loads(request.data)
        assert request.full_url.endswith("/v1/models/cells:predict")
        assert told["signature_name"] == "serving_default"
        (images,) = told["inputs"]["images"]
        assert (len(images), len(images[0]), len(images[0][0])) == (16, 16, 3)
        return io.BytesIO(json.dumps({"outputs": {"probabilities": [[0.1, 0.9]]}}).encode())

    monkeypatch.setattr(urllib.request, "urlopen", answered)
    exec(BLOCKS[2], {})
    assert capsys.readouterr().out == "[1]\n"
