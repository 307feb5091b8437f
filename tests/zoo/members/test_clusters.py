"""Members trained by the workers of a cluster: joblib's backends of Dask and of Ray."""

from contextlib import contextmanager

import joblib
import numpy as np
import pytest

from zoo import Ensemble, Recipe

pytestmark = [pytest.mark.slow, pytest.mark.fits, pytest.mark.filterwarnings("ignore")]

RECIPE = Recipe(head_epochs=1, epochs=1, batch_size=16, augment="flips")


@contextmanager
def dask():
    distributed = pytest.importorskip("distributed", reason="pip install 'dask[distributed]'")
    with distributed.Client(n_workers=2, threads_per_worker=1, dashboard_address=None):
        yield


@contextmanager
def ray():
    ray = pytest.importorskip("ray", reason="pip install ray")
    from ray.util.joblib import register_ray

    ray.init(num_cpus=2, include_dashboard=False)
    try:
        register_ray()
        yield
    finally:
        ray.shutdown()


@pytest.mark.parametrize("cluster", [dask, ray])
def test_workers_of_a_cluster_train_the_same_members(cluster, blobs, tmp_path, one_rule):
    np.save(tmp_path / "images.npy", blobs.take(np.arange(len(blobs))))
    source = np.load(tmp_path / "images.npy", mmap_mode="r"), blobs.labels

    def fitted(store, jobs):
        ensemble = Ensemble(["simple_cnn x2"], recipe=RECIPE, weights=None, jobs=jobs, store=tmp_path / store)
        return ensemble.fit(source)

    with cluster():
        alone = fitted("alone", 1)
        with joblib.parallel_config(backend=cluster.__name__):
            together = fitted("together", 2)
    np.testing.assert_array_equal(together.held_out_.logits, alone.held_out_.logits)
    assert not together.failures_
