"""zoo/members/worker_progress.py."""

from zoo.members import worker_progress as relay
from zoo.utils import progress


class Seen:
    def __init__(self):
        self.counters, self.finished = [], []

    def begin(self, counter):
        self.counters.append(counter)

    def end(self, counter):
        self.counters.remove(counter)

    def finish(self, owner):
        self.finished.append(owner)


def test_a_parent_sees_how_far_a_worker_is(tmp_path):
    receiver, seen = relay._Receiver(tmp_path), Seen()
    sender = relay.Sender(tmp_path / "worker.json")
    with progress.watched(sender), progress.phase("whole", 10, "steps", owner="net") as counter:
        counter.advance(3)
        sender.write()
    with progress.watched(seen):
        receiver.read()
        assert [(one.label, one.done, one.total) for one in seen.counters] == [("net, whole", 3, 10)]
        sender.finish("net")
        sender.write()
        receiver.read()
        receiver.read()
    assert seen.counters == []
    assert seen.finished == ["net"]


def test_what_a_killed_worker_left_half_written_is_passed_over(tmp_path):
    (tmp_path / "worker.json").write_text('{"running": [')
    relay._Receiver(tmp_path).read()


def test_nothing_is_written_where_nobody_watches(tmp_path):
    with relay.receiving(tmp_path) as folder:
        assert folder is None
    with relay.sending(None), progress.phase("work"):
        assert not progress.is_watched()
