"""zoo/utils/array_files.py."""

import os
import pickle

import numpy as np
import pytest

from zoo.utils.array_files import map_array, read_array, read_sealed_array, stored_arrays, write_sealed_array

HEADERS = (
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,)}",
    "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
    "{'descr': '<U900000000', 'fortran_order': False, 'shape': (1,)}",
    "{'descr': 3}",
    "print('x')",
    "(" * 4000,
)


@pytest.fixture
def file(tmp_path):
    write_sealed_array(tmp_path / "a.npy", np.arange(12.0).reshape(3, 4), "of one")
    return tmp_path / "a.npy"


def test_a_sealed_array_is_an_array_for_everybody(file):
    np.testing.assert_array_equal(np.load(file), np.arange(12.0).reshape(3, 4))
    np.testing.assert_array_equal(read_sealed_array(file, "of one"), np.arange(12.0).reshape(3, 4))


def test_every_bit_of_it_counts(file):
    content = file.read_bytes()
    for place in range(0, len(content), 7):
        changed = bytearray(content)
        changed[place] ^= 1
        file.write_bytes(changed)
        with pytest.raises(ValueError, match="Expected"):
            read_sealed_array(file, "of one")


def test_an_array_of_something_else_is_refused(file):
    with pytest.raises(ValueError, match="something else"):
        read_sealed_array(file, "of another")


def test_an_array_of_an_earlier_version_has_no_seal(tmp_path):
    np.save(tmp_path / "old.npy", np.arange(3))
    assert read_sealed_array(tmp_path / "old.npy", "of one").tolist() == [0, 1, 2]


@pytest.mark.parametrize("array", [np.zeros((0, 16), np.uint8), np.array(3.0)])
def test_arrays_without_rows_and_without_axes_are_read(tmp_path, array):
    write_sealed_array(tmp_path / "a.npy", array, "")
    np.testing.assert_array_equal(read_sealed_array(tmp_path / "a.npy", ""), array)


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_that_says_something_else_is_refused(tmp_path, header):
    text = header.encode().ljust(117) + b"\n"
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(100))
    with pytest.raises(ValueError, match=r"a\.npy"):
        read_array(tmp_path / "a.npy")


def test_what_is_pickled_is_not_read(tmp_path):
    (tmp_path / "a.npy").write_bytes(pickle.dumps([1]))
    np.save(tmp_path / "b.npy", np.array([{}]), allow_pickle=True)
    for name in ("a.npy", "b.npy"):
        with pytest.raises(ValueError, match="Expected an array"):
            map_array(tmp_path / name)


def test_another_kind_of_array_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.array(["text"]))
    with pytest.raises(ValueError, match="numbers"):
        read_array(tmp_path / "a.npy")
    np.save(tmp_path / "a.npy", np.ones((2, 2)))
    with pytest.raises(ValueError, match="1 axes"):
        read_array(tmp_path / "a.npy", axes=1)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.npy")
    with pytest.raises(OSError, match="pipe"):
        read_array(tmp_path / "a.npy")


def test_an_archive_that_is_larger_unpacked_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", zeros=np.zeros(1000))
    with stored_arrays(tmp_path / "a.npz") as held:
        assert held["zeros"].shape == (1000,)
    np.savez_compressed(tmp_path / "a.npz", zeros=np.zeros(10**6))
    with pytest.raises(ValueError, match="compression"), stored_arrays(tmp_path / "a.npz"):
        pass


def test_a_changed_archive_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", ones=np.ones(1000))
    content = bytearray((tmp_path / "a.npz").read_bytes())
    content[3000] ^= 4
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(ValueError, match="damaged"), stored_arrays(tmp_path / "a.npz") as held:
        held["ones"]
