"""Running the phases of a training, with the state that lives through them."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path

import keras

from zoo.models.assembly import BACKBONE
from zoo.training.callbacks import BareLoss, EpochLog, KeepBest, Phased, Plateau, Steps, rates_kept
from zoo.training.checkpoint import Progress, changed, completed, copied, put_back, read_progress, write_progress
from zoo.training.compilation import compile_phase
from zoo.training.deadline import CUT
from zoo.training.freezing import unfreeze
from zoo.training.graph_augmentation import Reseed
from zoo.training.linear_head import check_solvable, solve_head
from zoo.training.norm_momentum import quick_norms
from zoo.training.own_callbacks import appending
from zoo.training.phase_setup import PhaseSetup, TrainingData, set_up_phase
from zoo.training.phases import HEAD, Phase
from zoo.training.probe import solve_probe
from zoo.training.recipe import Recipe
from zoo.utils import progress
from zoo.utils.chunks import Rows

logger = logging.getLogger(__name__)


class PhaseRunner:
    """Runs phases; holds the state that lives through them, and in the progress file.

    Args:
        network: whose phases they are.
        data: the images.
        recipe: how to train.
        file: of the progress; None keeps none.
        callbacks: the user's.
    """

    def __init__(
        self,
        network: keras.Model,
        data: TrainingData,
        recipe: Recipe,
        file: Path | None,
        callbacks: Sequence[keras.callbacks.Callback],
    ) -> None:
        self.network = network
        self.data = data
        self.recipe = recipe
        self.file = file
        self.callbacks = callbacks
        self.best = KeepBest(network, recipe.patience)
        self.log = EpochLog()
        self.begun = time.perf_counter()
        self.first_variables, self.first_weights = copied(network.variables), copied(network.weights)
        self.warned = False
        self.before = read_progress(file) if file else None
        if self.before:
            logger.info("%s: goes on after %d epochs", network.name, len(self.before.history))
            self.best.best, self.best.weights = self.before.best, completed(self.before.weights, self.first_weights)
            self.log.history = self.before.history
            self.begun -= self.before.seconds

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        return time.perf_counter() - self.begun

    def cut(self) -> bool:
        """End at the best epoch yet, because a time limit came; False where only the head was trained by then."""
        if not any(epoch["phase"] != HEAD for epoch in self.log.history):
            return False
        put_back(self.network.variables, self.first_variables)  # random states too, which an epoch left as they were
        self.best.restore()
        self.log.history[-1][CUT] = True
        return True

    def phase(self, position: int, phase: Phase) -> None:
        """Run a phase, or what is left of it, and end at the best weights yet."""
        before = self.before if self.before and self.before.phase >= position else None
        if before and (before.phase > position or before.over):
            put_back(self.network.variables, before.network)  # with them the random states of dropout
            self.best.restore()
            return
        unfreeze(self.network.get_layer(BACKBONE), phase.unfreeze, train_batch_norm=phase.train_batch_norm)
        first = before.epoch if before else 0
        setup = set_up_phase(self.network, self.data, self.recipe, phase, position=position, epoch=first)
        self.fit(setup, phase, position, before)

    def fit(self, setup: PhaseSetup, phase: Phase, position: int, before: Progress | None = None) -> None:
        """Compile and fit what was set up, and end at the best weights yet; ``before`` is where to go on."""
        compile_phase(self.network, setup, self.recipe, phase, devices=self.data.devices)
        if phase.solves:
            self._solve(setup)
        plateau = Plateau(self.recipe.drop, self.recipe.drop_after, phase.lowest)
        if before:
            self._go_on(setup, plateau, before)
        self._fit(setup, phase, plateau, position, before.epoch if before else 0)
        self.best.restore()

    def _solve(self, setup: PhaseSetup) -> None:
        """Solve for the head; the phase's epoch, at rate 0, then scores it and keeps it as any other."""
        word = "adapt" if self.recipe.adapt == "probe" else "head_solver"
        check_solvable(setup.model, word, getattr(self.recipe, word), distilled=self.data.teacher is not None)
        views: list[Rows] = setup.train.source.views  # type: ignore[attr-defined]
        imbalance, seed = self.recipe.imbalance, self.data.seed
        balanced = imbalance not in ("none", "offline")  # offline, rows of rare classes are there more often already
        if self.recipe.adapt == "probe":
            solve_probe(setup.model, views, self.data.train, balanced=balanced, seed=seed)
            return
        held_out = setup.validation.pictures, self.data.validation.labels
        validates = imbalance != "none"
        labels = self.data.train.labels
        solve_head(setup.model, views, labels, *held_out, balanced=balanced, balanced_validation=validates, seed=seed)

    def _go_on(self, setup: PhaseSetup, plateau: Plateau, before: Progress) -> None:
        put_back(self.network.variables, before.network)
        put_back(setup.model.optimizer.variables, before.optimizer)
        self.best.waited = before.waited
        plateau.best, plateau.waited = before.plateau

    def _fit(self, setup: PhaseSetup, phase: Phase, plateau: Plateau, position: int, first: int) -> None:
        dropping = [plateau] if self.recipe.schedule == "plateau" else []
        averaging = [keras.callbacks.SwapEMAWeights()] if self.recipe.ema else []
        note = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: self._note(setup.model, plateau, position, epoch + 1, phase.epochs)
        )
        shows, steps = self.recipe.validation_shows, setup.train.num_batches
        callbacks = [Reseed(), BareLoss(), *averaging, self.best, *dropping, self.log, *self.callbacks, note]
        for callback in callbacks:
            if isinstance(callback, Phased):
                callback.phase, callback.shows = phase.name, shows
                callback.epochs_before = len(self.log.history) - first
        with (
            progress.phase(phase.name, phase.epochs * steps, "steps", owner=self.network.name) as counter,
            rates_kept(),
            quick_norms(self.network, steps),
            appending(self.callbacks, len(self.log.history)),
        ):
            counter.start_at(first * steps)
            counting = [Steps(counter, steps, shows=shows)] if progress.is_watched() else []
            setup.model.fit(
                setup.train,
                validation_data=setup.validation,
                initial_epoch=first,
                epochs=phase.epochs,
                shuffle=False,
                callbacks=[*callbacks, *counting],
                verbose=0,
            )

    def _note(self, model: keras.Model, plateau: Plateau, position: int, epoch: int, epochs: int) -> None:
        """Write the progress; where the disk is full, training goes on without it, and the next epoch tries again."""
        if self.file is None:
            return
        state = Progress(
            phase=position,
            epoch=epoch,
            over=epoch == epochs or model.stop_training,
            best=self.best.best,
            waited=self.best.waited,
            plateau=(plateau.best, plateau.waited),
            seconds=self.seconds,
            history=self.log.history,
            network=changed(copied(self.network.variables), self.first_variables),
            optimizer=list(copied(model.optimizer.variables)),
            weights=changed(self.best.weights, self.first_weights),
        )
        try:
            write_progress(self.file, state)
        except OSError as error:
            if not self.warned:
                logger.warning("%s: progress is not kept: %s", self.network.name, error)
            self.warned = True
