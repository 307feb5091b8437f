"""zoo/serve/metrics.py: numbers of one process and of several."""

import os
import subprocess
import sys

import pytest

WORKER = """
import os
from zoo.serve.metrics import Metrics
metrics = Metrics()
metrics.follow(2)
if os.fork() == 0:
    Metrics().follow(3)
    os._exit(0)
os.wait()
print(metrics.text().decode())
"""


def test_pictures_under_way_are_shown(client):
    client.app.state.context.pipeline.batcher.admit(2)
    assert "zoo_pictures_underway 2.0" in client.get("/metrics").text
    for _ in range(2):
        client.app.state.context.pipeline.batcher.withdraw()
    assert "zoo_pictures_underway 0.0" in client.get("/metrics").text


def test_unknown_paths_share_a_label(client):
    for path in ("/a", "/b"):
        assert client.get(path).status_code == 404
    assert 'zoo_requests_total{route="none",status="404"} 2.0' in client.get("/metrics").text


@pytest.mark.slow
def test_pictures_of_all_workers_are_added_up(tmp_path):
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", WORKER], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    assert "zoo_pictures_underway 5.0" in done.stdout
