"""What a fitted ensemble tells of itself: what its answers rest on, and a report for people."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

import ensembles
from zoo.data.images import Images

if TYPE_CHECKING:
    from zoo.data.loading import Source
    from zoo.explanation.sanity import Sanity
    from zoo.html_report.page import Report
    from zoo.report.corruption_table import ShiftTable
    from zoo.state.run_record import RunRecord
    from zoo.state.state import EnsembleState


class ExplainMixin:
    """To be mixed into a classifier that has a ``state_``; :class:`zoo.Ensemble` is one."""

    state_: EnsembleState

    def explain(
        self,
        images: Images | np.ndarray,
        *,
        classes: np.ndarray | None = None,
        method: str = "layercam",
        member: str | None = None,
    ) -> np.ndarray:
        """Map which pixels answers rest on: ``(N, H, W)`` float32 of 0 to 1, in the images' own pixels.

        Each map's largest number is 1; a map of zeros says that nothing in the image speaks for the class. The maps of
        members are added up, weighted as the rule weighs their logits. :meth:`check_maps` tells whether to trust them.

        Args:
            images: ``(N, H, W, 3)`` uint8.
            classes: ``(N,)`` ids of the classes to explain; by default those that are predicted.
            method: ``layercam`` (Jiang et al. 2021), which shows details; ``gradcam`` (Selvaraju et al. 2017), which is
                coarser; ``occlusion`` (Zeiler and Fergus 2014), which needs no gradients and takes 100 times as long.
                A member without feature maps is explained by occlusion.
            member: name of the member to explain alone.

        Raises:
            ensembles.NotFittedError: before :meth:`fit`.
            ValueError: images of another size, an unknown method or member.

        Examples:
            >>> import numpy as np
            >>> from zoo import Ensemble, Recipe
            >>> images = np.repeat(np.arange(0, 240, 5, dtype=np.uint8), 8 * 8 * 3).reshape(48, 8, 8, 3)
            >>> labels = np.where(images.mean(axis=(1, 2, 3)) < 120, "dark", "bright")
            >>> ensemble = Ensemble(["simple_cnn"], recipe=Recipe(head_epochs=1, epochs=0)).fit(images, labels)
            >>> ensemble.explain(images[:2]).shape
            (2, 8, 8)
        """
        from zoo.explanation.ensemble_maps import explain

        return explain(self.state_, images, classes=classes, method=method, member=member)

    def check_maps(self, images: Images | np.ndarray, *, method: str = "layercam", seed: int = 0) -> dict[str, Sanity]:
        """Check whether the maps of each member can be trusted; ``str()`` of a result says what it gave.

        Args:
            images: ``(N, H, W, 3)`` uint8, of which a dozen are enough.
            method: as of :meth:`explain`.
            seed: of the shuffled weights and of the random order of pixels.
        """
        from zoo.explanation.ensemble_maps import check_method, pixels_of
        from zoo.explanation.sanity import check_members

        check_method(method)
        return check_members(self.state_, pixels_of(self.state_, images), method=method, seed=seed)

    def report(
        self,
        data: Source | None = None,
        *,
        title: str = "Report of an ensemble",
        shift: bool | ShiftTable = False,
        shift_limit: int | None = None,
        method: str = "layercam",
        run: RunRecord | None = None,
    ) -> Report:
        """Make a report for people who do not program; its ``write`` makes one HTML page and a JSON of its numbers.

        Args:
            data: labelled images, anything that :func:`zoo.load` takes; by default the held-out ones of the fit.
            title: of the page.
            shift: score corrupted copies too, as :meth:`shift` does, by default of the validation images; or the table
                that it returned.
            shift_limit: of that, a stratified choice of so many images.
            method: of the heat maps, as of :meth:`explain`.
            run: how the run came about, which commands know.

        Raises:
            ensembles.NotFittedError: before :meth:`fit`.
            ValueError: images of other classes or another size, or none at all for an ensemble that was loaded; a limit
                of corrupted images, and no shift.
        """
        from zoo.evaluation.robustness import validate
        from zoo.evaluation.scoring import to_corrupt, to_score
        from zoo.explanation.ensemble_maps import check_method
        from zoo.html_report.findings import Findings
        from zoo.html_report.page import make_report

        check_method(method)
        if shift_limit is not None and shift is not True:
            raise ValueError(f"Expected shift=True with shift_limit={shift_limit}; received another. Pass shift=True.")
        state = self.state_
        split, images = to_score(state, data)
        shifted = shift or None
        if shifted is True:
            shifted = validate(state, *to_corrupt(state, data), limit=shift_limit, seed=0)
        return make_report(Findings(state, split, images, run, shifted, method), title)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Show the same to notebooks, which ask for this first and would get scikit-learn's drawing of parameters."""
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    def _repr_html_(self) -> str:
        """Show it where a notebook shows a value: its members, and once fitted the leaderboard."""
        try:
            state = self.state_
        except ensembles.NotFittedError as error:  # not yet, or not with the method that is set now
            told = f"<p>{escape(str(error))}</p>" if vars(self).get("_state") else ""
            return f"<pre>{escape(repr(self))}</pre>{told}"
        names = ", ".join(member.name for member in state.members)
        return f"<p>Ensemble of {escape(names)}; {state.method} answers.</p>{state.leaderboard._repr_html_()}"
