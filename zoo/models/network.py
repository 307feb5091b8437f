"""A network as chains of operations, which can be rewritten link by link and computed at once.

Keras builds a model anew by computing every layer symbolically, some milliseconds each. Here a rewrite costs nothing
but what it changes: a network is read once, its chains are lists, and what is computed are the layers themselves.
"""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any, TypeAlias, TypeVar

import keras

Made = TypeVar("Made")


@dataclass(frozen=True)
class Slot:
    """Where a tensor comes among the arguments of an operation.

    Attributes:
        index: the tensor's number among those that the operation reads.
    """

    index: int


@dataclass(frozen=True, eq=False)
class Link:
    """One operation of a chain.

    Attributes:
        operation: what is computed.
        arguments: positional and named ones of its call, with a :class:`Slot` for each tensor; an operation that takes
            another one's position is called as that one was.
        shape: of its input, the batch first; of its first input where it has several.
        dtype: of its input.
    """

    operation: keras.Operation
    arguments: tuple[tuple[Any, ...], dict[str, Any]]
    shape: tuple[int | None, ...]
    dtype: str

    def __call__(self, *tensors: Any, training: bool | None = False) -> Any:
        """Compute it, by default as when it predicts; as in Keras, ``training`` holds for all layers if it is given."""
        args, kwargs = keras.tree.map_structure(partial(_filled, tensors), self.arguments)
        if training is not None and getattr(self.operation, "_call_has_training_arg", False):
            kwargs["training"] = training
        return self.operation(*args, **kwargs)


def _filled(tensors: Sequence[Any], value: Any) -> Any:
    return tensors[value.index] if isinstance(value, Slot) else value


@dataclass(frozen=True, eq=False)
class Chain:
    """Operations of which each reads nothing but what the one before it makes, as its only reader.

    Attributes:
        inputs: numbers of the values that the first one reads.
        links: the operations; with none the value stays what it is.
        outputs: numbers of the values that the last one makes.
    """

    inputs: tuple[int, ...]
    links: tuple[Link, ...]
    outputs: tuple[int, ...]

    def __call__(self, *tensors: Any, training: bool | None = False) -> Any:
        """Compute all links, one after another."""
        for link in self.links:
            tensors = (link(*tensors, training=training),)
        return tensors[0]


class Memo:
    """What was made for some operations, made once: a layer that is called twice is rewritten into one.

    Once one of them is gone, it is forgotten when the next is made: not by a callback of its reference, as an interrupt
    that comes in a callback is lost.
    """

    def __init__(self) -> None:
        self._made: dict[Hashable, tuple[Sequence[weakref.ref[Any]], Any]] = {}

    def once(self, what: str, about: Sequence[Any], make: Callable[[], Made]) -> Made:
        """Make something about some objects, or find it; ``what`` names it among other things made about them."""
        key = (what, *map(id, about))
        # An id may be given to another object once the one that it was of is gone.
        self._made = {key: kept for key, kept in self._made.items() if all(one() is not None for one in kept[0])}
        if key not in self._made:
            self._made[key] = ([weakref.ref(one) for one in about], make())
        made: Made = self._made[key][1]
        return made


Rewrite: TypeAlias = Callable[[Sequence[Link], Memo], Sequence[Link]]


@dataclass(frozen=True, eq=False)
class Network:
    """A network's chains, in an order in which they can be computed.

    Attributes:
        inputs: numbers of the values that it is given.
        chains: the chains.
        outputs: numbers of the values that it returns.
        form: how these are packed: as in the Keras model.
    """

    inputs: tuple[int, ...]
    chains: tuple[Chain, ...]
    outputs: tuple[int, ...]
    form: Any

    def __call__(self, *tensors: Any, training: bool | None = False) -> Any:
        """Compute it, by default as when it predicts; what it is not connected to may be None."""
        values = dict(zip(self.inputs, tensors, strict=True))
        for chain in self.chains:
            made = keras.tree.flatten(chain(*(values[number] for number in chain.inputs), training=training))
            values |= dict(zip(chain.outputs, made, strict=True))
        return keras.tree.pack_sequence_as(self.form, [values[number] for number in self.outputs])

    def rewritten(self, rewrite: Rewrite, memo: Memo | None = None) -> Network:
        """The network with each of its chains rewritten.

        Args:
            rewrite: from links to links.
            memo: of other networks that may share layers with it.
        """
        memo = memo or Memo()
        chains = (replace(chain, links=tuple(rewrite(chain.links, memo))) for chain in self.chains)
        return replace(self, chains=tuple(chains))

    @property
    def operations(self) -> list[keras.Operation]:
        """Its operations, each once."""
        found = (link.operation for chain in self.chains for link in chain.links)
        return list({id(operation): operation for operation in found}.values())

    @property
    def weights(self) -> list[keras.Variable]:
        """Its weights, each once."""
        layers = (operation for operation in self.operations if isinstance(operation, keras.layers.Layer))
        return list({id(weight): weight for layer in layers for weight in layer.weights}.values())

    @property
    def reads(self) -> list[bool]:
        """Whether each input has an output that depends on it."""
        read = {number for chain in self.chains for number in chain.inputs} | set(self.outputs)
        return [number in read for number in self.inputs]


def joined(chains: Sequence[Chain], kept: Sequence[int]) -> tuple[Chain, ...]:
    """Join chains end to end where one is the only reader of what another makes, and that value need not be kept."""
    readers = Counter(number for chain in chains for number in chain.inputs)
    readers.update(kept)
    ends: dict[int, int] = {}
    whole: list[Chain] = []
    for chain in chains:
        index = ends.pop(chain.inputs[0], None) if len(chain.inputs) == 1 else None
        if index is None or readers[chain.inputs[0]] > 1:
            index = len(whole)
            whole.append(chain)
        else:
            whole[index] = replace(whole[index], links=whole[index].links + chain.links, outputs=chain.outputs)
        if len(chain.outputs) == 1:
            ends[chain.outputs[0]] = index
    return tuple(whole)


def pairs(links: Sequence[Link]) -> Iterator[tuple[int, Link, Link]]:
    """Neighbours in a chain, with the index of the first."""
    return ((index, one, other) for index, (one, other) in enumerate(pairwise(links)))
