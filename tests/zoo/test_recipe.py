import pytest

from zoo.recipe import Recipe


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimizer": "adamx"}, "Expected optimizer as one of adamw, adam, lion, sgd; received 'adamx'"),
        ({"schedule": "step"}, "Expected schedule as one of cosine, constant"),
        ({"augment": "mixup"}, "Expected augment as one of none, flips"),
        ({"epochs": -1}, "Expected epochs as a whole number of 0 or more; received -1"),
        ({"head_epochs": 0, "epochs": 0}, "1 or more in one of the phases"),
        ({"learning_rate": 0.0}, "Expected learning_rate as a number above 0"),
        ({"unfreeze": 1.5}, "Expected unfreeze as 'all', layers"),
        ({"unfreeze": 0}, "Expected unfreeze"),
        ({"unfreeze": True}, "Expected unfreeze"),
        ({"batch_size": 0}, "Expected batch_size"),
        ({"patience": 0}, "Expected patience as None or 1 or more"),
        ({"weight_decay": -1e-4}, "Expected weight_decay"),
        ({"label_smoothing": 1.0}, "Expected label_smoothing as a share"),
    ],
)
def test_values_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**options)


def test_a_recipe_is_plain_values():
    assert Recipe(**Recipe(epochs=2, unfreeze=0.1).as_dict()) == Recipe(epochs=2, unfreeze=0.1)
