"""How good a model of films is: how far what it makes is from films it has not learned from, and what it recites.

Each figure stands beside what real clips score in its place, and the distance beside what training clips score whose
frames are shuffled or stand still: who does not beat these has learned to draw, but not to move.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bottega.evaluation.figures import Figure, plainly
from bottega.evaluation.films.controls import frozen, shuffled
from bottega.evaluation.films.copies import FilmAudit, Library, audit, small
from bottega.evaluation.films.features import features
from bottega.evaluation.films.kernel import Scale
from bottega.evaluation.films.motion import speeds
from bottega.language import _
from bottega.media import image, strip
from bottega.media.video import Film
from bottega.provenance.record import says

if TYPE_CHECKING:
    from bottega.datasets.clips import Films
    from bottega.datasets.films import PreparedFilms
    from bottega.models.films import FilmModel

CLIPS = 120
"""Clips of held-out and of training films that are compared with the new ones, at most."""
REBUILT = 32
"""Clips that a codec takes apart and puts together again, at most."""
FEWEST = 12  # clips on a side
PARTS = 4  # of a long film, each so many clips long, that count as works when copies are looked for
WORKS = 4  # below which there are no others to compare with
AT_ONCE = 256  # frames read at a time
PAIRS = 8  # shown
PERCENT = ("copies",)


@dataclass(frozen=True)
class FilmEvaluation:
    """What was measured.

    Attributes:
        figures: by name: ``kernel_distance`` (floor: training clips), ``shuffled_distance`` and ``frozen_distance``
            (what must be beaten: no floor), ``speed`` (floor: held-out clips), ``copies``, ``likeness`` (floor:
            held-out clips), ``rebuilt`` (floor: training clips).
        samples: films made for it.
        held_out, train: clips that they were compared with.
        frames: of each clip.
        seed: of the samples.
        closest: strips of the new clips nearest to training films, each above the passage that it is near to; uint8
            ``(H, W, 3)``, None when no films were made or there is nothing to compare them with.
    """

    figures: dict[str, Figure]
    samples: int
    held_out: int
    train: int
    frames: int
    seed: int
    closest: np.ndarray | None

    def as_json(self) -> dict[str, Any]:
        """Plain numbers under stable names; ``floors``, ``errors`` and ``reasons`` under the same ones."""
        counts = ("samples", "held_out", "train", "frames", "seed")
        return plainly(self.figures, "floors", "errors", "reasons") | {name: getattr(self, name) for name in counts}

    def show(self, folder: Path) -> list[str]:
        """Writes ``closest-pairs.png``; the line of Markdown that shows it."""
        if self.closest is None:
            return []
        image.write(folder / "closest-pairs.png", self.closest, says(composite=True))
        return [
            f"![{_('New films, each above the passage of a training film that is nearest to it')}](closest-pairs.png)"
        ]

    def text(self) -> str:
        """The same for people: a line for each figure; those that are missing for one reason share theirs."""
        counts = _(
            "{samples} new films, compared with {held_out} clips of {frames} frames that the model has not seen."
        )
        lines = [counts.format(samples=self.samples, held_out=self.held_out, frames=self.frames)]
        lines.append(_("In brackets: what real films score in the same place."))
        lines += [line(name, figure) for name, figure in self.figures.items() if figure.value is not None]
        missing = {name: figure for name, figure in self.figures.items() if figure.value is None}
        for reason in dict.fromkeys(figure.reason for figure in missing.values()):
            names = [meaning(name) for name, figure in missing.items() if figure.reason == reason]
            lines.append(f"{'; '.join(names)}: {reason}")
        return "\n".join(lines)


def line(name: str, figure: Figure) -> str:
    """One figure for people, with what it means."""
    return figure.line(meaning(name), percent=name in PERCENT)


def meaning(name: str) -> str:
    """What a figure says, for people."""
    return {
        "kernel_distance": _("Kernel distance to held-out films, smaller is better"),
        "shuffled_distance": _("The same for training films with their frames shuffled, which a model must beat"),
        "frozen_distance": _("The same for training films that stand still"),
        "speed": _("Speed in the mean of all places, in widths of a frame a second"),
        "copies": _("Copies, new films that repeat a training film"),
        "likeness": _("Distance to the nearest training film, against that to others, in the median"),
        "rebuilt": _("Signal to noise of films through the codec, in decibels, larger is better"),
    }[name]


def evaluate(
    model: "FilmModel",
    data: "PreparedFilms",
    *,
    n: int = 64,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> FilmEvaluation:
    """Let a model make films, compare them with films it has not learned from, and search them for copies.

    Args:
        model: of films.
        data: the collection it learned from, or another one, of which all films then count as held out.
        n: films to make, at least 1.
        seed: of those films.
        on_progress: called with (films made, films in all).
    """
    learned = model.facts.get("fingerprint") == data.fingerprint
    unseen = data.held_out if learned else np.arange(len(data))
    count = model.frames_for(None)
    held_out, train = clips(data, unseen, count, CLIPS), clips(data, data.train, count, CLIPS)
    made: list[Film] = []
    if model.makes_works:
        made = [work.content for work in model.generate(n, seed=seed, on_progress=on_progress)]
    new = np.stack([film.frames for film in made]) if made else held_out[:0]
    figures, found, searched = measure(new, held_out, train, data, seed=seed)
    if model.has_latents:
        figures["rebuilt"] = Figure(rebuilt(model, held_out), rebuilt(model, train))
    return FilmEvaluation(
        figures=figures,
        samples=len(made),
        held_out=len(held_out),
        train=len(train),
        frames=count,
        seed=seed,
        closest=pairs(found, searched, new, data) if found else None,
    )


def measure(
    new: np.ndarray, held_out: np.ndarray, train: np.ndarray, data: "Films", *, seed: int = 0
) -> tuple[dict[str, Figure], FilmAudit | None, list[tuple[int, int, int]]]:
    """The figures of new clips, beside held-out and training ones of the same length, uint8 ``(N, T, H, W, C)``.

    Args:
        data: the collection whose training films are searched for copies.

    Returns:
        the figures, what was found, and the passages that were searched: row, first frame, frames.
    """
    if not len(new):
        reason = _("this model turns films into latent frames and back, and makes none by itself")
        names = ("kernel_distance", "shuffled_distance", "frozen_distance", "speed", "copies", "likeness")
        return {name: Figure(None, None, reason=reason) for name in names}, None, []
    figures = distances(new, held_out, train, seed)
    rate = float(data.rate)
    real = float(np.median(speeds(held_out))) * rate if len(held_out) else None
    figures["speed"] = Figure(float(np.median(speeds(new))) * rate, real)
    searched = passages(data, new.shape[1])
    if len(searched) < WORKS or not len(held_out):
        missing = too_few(WORKS, new, held_out, train)
        return figures | {"copies": missing, "likeness": missing}, None, []
    library = Library(lambda at: tiny(data, *searched[at]), [length for _row, _first, length in searched], new.shape[1])
    found = audit(new, library, held_out)
    figures["copies"] = Figure(found.share, found.floor)
    real_ratios = library.search(held_out)[0]
    figures["likeness"] = Figure(float(np.median([m.ratio for m in found.matches])), float(np.median(real_ratios)))
    return figures, found, searched


def distances(new: np.ndarray, held_out: np.ndarray, train: np.ndarray, seed: int) -> dict[str, Figure]:
    """Kernel distance of new clips, and of training clips whose motion is wrong."""
    names = ("kernel_distance", "shuffled_distance", "frozen_distance")
    if min(len(new), len(held_out), len(train)) < FEWEST:
        return {name: too_few(FEWEST, new, held_out, train) for name in names}
    real, known = features(held_out), features(train)
    scale = Scale(np.concatenate([real, known]))

    def figure(some: np.ndarray, floor: float | None = None) -> Figure:
        apart = scale.distance(features(some), real)
        return Figure(apart.value, floor, None if np.isnan(apart.error) else apart.error)

    found = (
        figure(new, scale.distance(known, real).value),
        figure(shuffled(train, seed)),
        figure(frozen(train)),
    )
    return dict(zip(names, found, strict=True))


def too_few(needed: int, new: np.ndarray, held_out: np.ndarray, train: np.ndarray) -> Figure:
    """A figure that would say more about chance than about the model: clips are counted, as a film may be too short to
    hold one."""
    reason = _(
        "too few clips to tell: {needed} of {frames} frames are needed on each side; there are {new} new ones, "
        "{held_out} of films held out and {train} of films learned from"
    )
    counts = {"new": len(new), "held_out": len(held_out), "train": len(train), "frames": new.shape[1]}
    return Figure(None, None, reason=reason.format(needed=needed, **counts))


def rebuilt(model: "FilmModel", some: np.ndarray) -> float | None:
    """The median ratio of signal to noise in decibels between clips and the same taken apart and put together."""
    values = []
    for clip in some[np.linspace(0, len(some) - 1, min(REBUILT, len(some))).astype(int)]:
        film = model.fitted(Film(clip, model.rate))
        other = model.decode(model.encode(film)).frames
        error = float(np.square(film.frames.astype(np.float32) - other).mean())
        values.append(10 * np.log10(255**2 / max(error, 1e-3)))
    return float(np.median(values)) if values else None


def clips(data: "Films", rows: np.ndarray, count: int, most: int) -> np.ndarray:
    """Clips of ``count`` frames from all over some rows, at most ``most``: uint8 ``(N, count, H, W, C)``.

    A row gives as many as fit into it side by side; what is shorter than a clip gives none.
    """
    places = []
    for row in rows.tolist():
        many = int(data.lengths[row]) // count
        places += [(row, int(first)) for first in np.linspace(0, int(data.lengths[row]) - count, many)] if many else []
    chosen = [places[at] for at in np.linspace(0, len(places) - 1, min(most, len(places))).astype(int)]
    if not chosen:
        return np.zeros((0, count, *data.size, 3), np.uint8)
    return np.stack([data.frames(row, first, count) for row, first in chosen])


def passages(data: "Films", count: int) -> list[tuple[int, int, int]]:
    """The training films, long ones in parts: row, first frame, frames. Together they hold every clip."""
    found = []
    for row in data.train.tolist():
        length = int(data.lengths[row])
        for first in range(0, max(1, length - count + 1), PARTS * count):
            found.append((row, first, min(length - first, (PARTS + 1) * count - 1)))
    return found


def tiny(data: "Films", row: int, first: int, count: int) -> np.ndarray:
    """The small frames of a passage."""
    starts = range(first, first + count, AT_ONCE)
    return np.concatenate([small(data.frames(row, at, min(AT_ONCE, first + count - at))) for at in starts])


def pairs(found: FilmAudit, searched: list[tuple[int, int, int]], new: np.ndarray, data: "Films") -> np.ndarray:
    """Strips of the nearest clips, each above the passage that it is near to."""
    films = []
    for match in found.matches[:PAIRS]:
        row, begin, length = searched[match.work]
        frames = data.frames(row, begin + match.first, min(new.shape[1], length - match.first))
        frames = frames[:, :, ::-1] if match.mirrored else frames
        films += [Film(new[match.clip], data.rate), Film(frames, data.rate)]
    return strip.sheet(films)
