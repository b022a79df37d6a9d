"""Mood as something to ask for: valence (dark to bright) and arousal (calm to wild), Russell 1980.

Works whose mood is told in two columns become classes of a three by three grid when they have no classes of their own;
each class knows the mean mood of its works, so that a mood that is asked for finds the class nearest to it.
"""

from dataclasses import dataclass

import numpy as np

from bottega.errors import UsageError
from bottega.language import _

VALENCE = ("dark", "even", "bright")
AROUSAL = ("calm", "awake", "wild")


@dataclass(frozen=True)
class Steering:
    """What steers a model.

    Attributes:
        classes: their names.
        labels: the class of each work, int64 ``(N,)``, ``len(classes)`` for none; None when nothing steers.
        moods: the mean mood of each class, by name; of those that have any.
    """

    classes: list[str]
    labels: np.ndarray | None
    moods: dict[str, list[float]]


def steering(classes: list[str], labels: np.ndarray | None, moods: np.ndarray | None, train: np.ndarray) -> Steering:
    """The classes that works have, or else those of their moods.

    Args:
        moods: float ``(N, 2)``, valence and arousal on any scale, nan where nothing is said; None when nothing is.
        train: the rows whose moods say where a third of them ends.
    """
    if moods is None:
        return Steering(classes, labels, {})
    said = ~np.isnan(moods).any(1)
    if labels is None and said[train].any():
        thirds = np.quantile(moods[train][said[train]], (1 / 3, 2 / 3), axis=0)  # (2, 2)
        cells = (moods[:, None] > thirds).sum(1) @ (3, 1)  # nan is greater than nothing
        names = [f"{valence}-{arousal}" for valence in VALENCE for arousal in AROUSAL]
        used = [cell for cell in range(9) if (cells[said] == cell).any()]
        number = np.full(9, len(used))
        number[used] = range(len(used))
        classes, labels = [names[cell] for cell in used], np.where(said, number[cells], len(used))
    if labels is None:
        return Steering(classes, labels, {})
    rows = np.intersect1d(train, np.flatnonzero(said))
    means = {name: moods[rows[labels[rows] == k]] for k, name in enumerate(classes)}
    return Steering(classes, labels, {name: one.mean(0).round(4).tolist() for name, one in means.items() if len(one)})


def nearest(moods: dict[str, list[float]], wanted: tuple[float, float]) -> str:
    """The class whose mood is nearest to a wish; valence and arousal count alike, whatever their scales.

    Raises:
        UsageError: the model knows no moods.
    """
    if not moods:
        message = _("This model knows no moods: its texts had no columns “valence” and “arousal”. Ask with --class.")
        raise UsageError(message)
    places = np.array(list(moods.values()))
    spread = places.std(0) + 1e-9
    return list(moods)[int(np.square((places - wanted) / spread).sum(1).argmin())]
