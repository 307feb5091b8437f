"""zoo/training/phases.py."""

from zoo import Recipe
from zoo.training.phases import Phase, phases

RECIPE = Recipe(
    head_epochs=2,
    head_learning_rate=1e-3,
    head_final_learning_rate=1e-5,
    epochs=4,
    learning_rate=1e-4,
    final_learning_rate=1e-6,
    unfreeze=30,
)


def test_a_pretrained_network_trains_its_head_and_is_then_fine_tuned():
    assert phases(RECIPE, pretrained=True) == [
        Phase("head", 2, 1e-3, 1e-5, None, False),
        Phase("fine-tuning", 4, 1e-4, 1e-6, 30, False),
    ]


def test_a_random_network_trains_as_a_whole_for_all_epochs():
    assert phases(RECIPE, pretrained=False) == [Phase("whole", 6, 1e-3, 1e-5, "all", True)]


def test_a_phase_without_epochs_is_left_out():
    assert [phase.name for phase in phases(Recipe(head_epochs=0), pretrained=True)] == ["fine-tuning"]
    assert [phase.name for phase in phases(Recipe(epochs=0), pretrained=True)] == ["head"]


def test_batch_norm_wakes_in_fine_tuning_only_when_asked_to():
    awake = phases(Recipe(train_batch_norm=True), pretrained=True)
    assert [phase.train_batch_norm for phase in awake] == [False, True]
