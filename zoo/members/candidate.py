"""What may become a member of an ensemble, or the reason why it cannot."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from zoo.members.averaging import average
from zoo.members.store import Store, in_turn
from zoo.members.test_time_views import Gain
from zoo.utils.hashing import short_hash

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Candidate:
    """What may become a member of an ensemble, or the reason why it cannot.

    Attributes:
        name: the member's.
        held_out_keys: keys of the networks that predict the held-out images, one for each part of these.
        final_keys: keys of the networks whose mean is the member.
        reason: why there is none.
        gain: what test-time views changed.
        doubt: what is suspicious of it, though it takes part.
    """

    name: str
    held_out_keys: tuple[str, ...] = ()
    final_keys: tuple[str, ...] = ()
    reason: str = ""
    gain: Gain | None = None
    doubt: str = ""

    def key(self, store: Store) -> str:
        """The member's key in the store; of several networks their mean is made, or found."""
        if len(self.final_keys) == 1:
            return self.final_keys[0]
        key = f"mean-{short_hash(self.final_keys)}"
        if store.find(key) is None:
            store.keep(key, average([store.member(part) for part in self.final_keys], self.name))
        store.keep_speed(key, in_turn([store.find_speed(part) for part in self.final_keys]))
        return key

    @classmethod
    def failed(cls, name: str, reason: str) -> Candidate:
        """One that cannot take part, which is logged."""
        logger.warning("%s failed: %s", name, reason)
        return cls(name, reason=reason)
