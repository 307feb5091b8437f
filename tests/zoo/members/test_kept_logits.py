"""zoo/members/store.py: logits that are kept are a member's own, of these images, and as they were written."""

import json
import shutil

import numpy as np
import pytest

from zoo.members.store import Store

pytestmark = pytest.mark.fits


@pytest.fixture
def kept(trained, colours, tmp_path):
    """A copy of a store, its members' keys, the validation images and the files of their logits."""
    store = Store(shutil.copytree(trained.store, tmp_path / "store"))
    images = colours.validation
    keys = list(trained.state_.keys)
    return store, keys, images, [store.members / key / "logits" / f"{images.fingerprint}.npy" for key in keys]


def test_kept_logits_are_found(kept):
    store, keys, images, _ = kept
    for key in keys:
        np.testing.assert_allclose(store.find_logits(key, images, 3), store.member(key).logits(images), atol=1e-6)


def test_logits_of_another_member_are_made_again(kept, caplog):
    store, keys, images, files = kept
    shutil.copy(files[0], files[1])
    assert store.find_logits(keys[1], images, 3) is None
    assert "made again" in caplog.text


def test_logits_without_a_seal_are_those_of_earlier_members(kept):
    store, keys, images, (file, _) = kept
    np.save(file, np.load(file) + 1)
    assert store.find_logits(keys[0], images, 3) is None
    record_file = store.members / keys[0] / "member.json"
    record = json.loads(record_file.read_text())
    del record["seal"]
    record_file.write_text(json.dumps(record | {"format": 1}))
    assert store.find_logits(keys[0], images, 3) is not None
