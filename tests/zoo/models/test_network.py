"""zoo/models/network.py: what is made for operations is made once, and forgotten with them."""

import weakref

import pytest

from zoo.models.network import Memo


class Layer:
    pass


def test_what_is_made_for_the_same_objects_is_made_once():
    memo, one, other = Memo(), Layer(), Layer()
    made = memo.once("padded", [one, other], object)
    assert memo.once("padded", [one, other], object) is made
    for what, about in (("padded", [other, one]), ("folded", [one, other]), ("padded", [one])):
        assert memo.once(what, about, object) is not made


def test_it_is_forgotten_once_one_of_them_is_gone_and_another_has_its_id(monkeypatch):
    memo, kept, gone = Memo(), Layer(), Layer()
    monkeypatch.setattr("zoo.models.network.id", lambda _: 0, raising=False)
    watched = weakref.ref(memo.once("padded", [gone], Layer))
    assert watched() is not None
    del gone
    assert memo.once("padded", [kept], lambda: "new") == "new"
    assert watched() is None


@pytest.mark.parametrize("count", [1, 2])
def test_no_callback_runs_where_an_object_goes_as_an_interrupt_in_one_is_lost(count):
    memo, layers = Memo(), [Layer() for _ in range(count)]
    memo.once("padded", layers, object)
    assert [one.__callback__ for layer in layers for one in weakref.getweakrefs(layer)] == [None] * count
