"""zoo/serve/image_files.py: what a builder of images gets, and that nothing is missing there."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version

import pytest

from zoo.cli.serve import _write
from zoo.serve.image_files import _filled, requirements, write_image_files
from zoo.serve.settings import Settings


def _settings(model, **options):
    return Settings(model=str(model), name="cells", **options)


@pytest.fixture(scope="module")
def image(export, tmp_path_factory):
    folder = tmp_path_factory.mktemp("image") / "cells"
    write_image_files(_settings(export), folder)
    return folder


def test_the_images_have_no_root_and_name_only_what_is_there(image):
    for name in ("Dockerfile", "Dockerfile.tf-serving"):
        lines = (image / name).read_text().splitlines()
        assert "USER 10001" in lines
        assert not lines[next(row for row, line in enumerate(lines) if line.startswith("FROM"))].endswith(":latest")
        copied = [line.split()[1] for line in lines if line.startswith("COPY")]
        assert all((image / source).exists() for source in copied)
        ignored = (image / ".dockerignore").read_text().splitlines()
        assert {f"!{source}" for source in copied} <= set(ignored)


def test_every_package_is_pinned_as_it_is_installed():
    pins = dict(line.split("==") for line in requirements().splitlines())
    assert pins.pop("tensorflow-cpu") == version("tensorflow")
    assert "tensorflow" not in pins
    assert pins == {name: version(name) for name in pins}
    assert {"fastapi", "starlette", "numpy", "pillow", "protobuf", "h11"} <= pins.keys()
    assert not {"pytest", "matplotlib", "selenium", "keras-cv"} & pins.keys()


def test_it_is_written_again_over_an_earlier_one_and_over_nothing_else(image, export, tmp_path):
    (image / "library" / "zoo" / "gone.py").touch()
    write_image_files(_settings(export), image)
    assert not (image / "library" / "zoo" / "gone.py").exists()
    (tmp_path / "mine.txt").touch()
    with pytest.raises(FileExistsError):
        write_image_files(_settings(export), tmp_path)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "Dockerfile").write_text("FROM scratch\n")
    with pytest.raises(FileExistsError, match="Dockerfile"):
        write_image_files(_settings(export), tmp_path / "own")
    assert (tmp_path / "own" / "Dockerfile").read_text() == "FROM scratch\n"


def test_tags_are_lower_case_as_docker_wants_them(monkeypatch, tmp_path, capsys):
    written = []
    monkeypatch.setattr("zoo.serve.image_files.write_image_files", lambda _, folder, __: written.append(folder))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    _write(Settings(model=str(tmp_path / "model"), name="Cells"), tmp_path / "link", without_token=False)
    assert written == [tmp_path / "real"]  # where the link leads
    assert re.findall(r"-t (\S+)", capsys.readouterr().out) == ["cells", "cells-tf-serving"]
    for template in ("Dockerfile.j2", "Dockerfile.tf-serving.j2"):
        lines = _filled(template, "Cells").splitlines()
        assert "Cells" not in "".join(lines[:2])
        assert "Cells" in "".join(lines[2:])  # the model keeps its name


def test_options_are_those_of_the_image(image, export, tmp_path):
    settings = _settings(export, error=0.05, queue=16, max_megapixels=5)
    options = settings.arguments()
    write_image_files(settings, tmp_path / "image", options)
    entry = (tmp_path / "image" / "Dockerfile").read_text().splitlines()[-1]
    command = json.loads(entry.removeprefix("ENTRYPOINT "))
    assert command[-6:] == ["--error", "0.05", "--queue", "16", "--max-megapixels", "5"]
    assert json.loads((image / "Dockerfile").read_text().splitlines()[-1].removeprefix("ENTRYPOINT "))[-1] == "0.0.0.0"


def test_the_command_of_an_image_is_one_of_its_library(image, tmp_path):
    """The library is copied without what is built of it, so that it is imported from there."""
    entry = (image / "Dockerfile").read_text().splitlines()[-1]
    command = [sys.executable, *json.loads(entry.removeprefix("ENTRYPOINT "))[1:], "--help"]
    environment = os.environ | {"PYTHONPATH": str(image / "library")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "--max-megapixels" in done.stdout


@pytest.mark.parametrize("options", [{"host": "0.0.0.0"}, {"port": 80}, {"method": "soft"}, {"engine": "onnx"}])
def test_options_that_an_image_has_not_are_refused(export, options):
    with pytest.raises(ValueError, match=f"--{next(iter(options))}"):
        _settings(export, **options).arguments()


def test_thresholds_that_the_model_has_not_are_refused(export, tmp_path):
    with pytest.raises(ValueError, match="--error"):
        write_image_files(_settings(export, error=0.3), tmp_path / "image")


def test_a_run_is_no_export(refused, trained, tmp_path):
    run = trained.save(tmp_path / "run")
    with refused("zoo export", error=FileNotFoundError):
        write_image_files(_settings(run), tmp_path / "image")


ANSWER = """
import sys, zoo
model, library, picture = sys.argv[1:]
assert zoo.__file__.startswith(library), zoo.__file__
from fastapi.testclient import TestClient
from zoo.serve.application import create_app
from zoo.serve.settings import Settings
with TestClient(create_app(Settings(model=model, error=0.05))) as client:
    print(client.post("/predict", content=bytes.fromhex(picture)).json()["predictions"][0]["class"])
    assert client.get("/").status_code == client.get("/docs").status_code == 200
"""


@pytest.mark.slow
def test_the_folders_own_copy_of_the_library_answers(image, colour):
    library = str(image / "library")
    command = [sys.executable, "-c", ANSWER, str(image / "model"), library, colour(200, 60, 60).hex()]
    environment = os.environ | {"PYTHONPATH": library}
    done = subprocess.run(command, cwd=image, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "red", done.stderr
