"""How good a model of sounds is: how far what it makes is from sounds it has not learned from, and what it recites.

Each figure stands beside what real sounds score in its place, and the distance beside what grains of training works in
random order score: who does not beat these has learned nothing but the colour of the sound.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bottega.evaluation.distances import neighbourhoods
from bottega.evaluation.figures import Figure, plainly, too_few
from bottega.evaluation.sounds.copies import CopyAudit, Library, audit
from bottega.evaluation.sounds.grains import grained
from bottega.evaluation.sounds.kernel import Scale
from bottega.evaluation.sounds.listening import mono, statistics
from bottega.language import _
from bottega.randomness import Random

if TYPE_CHECKING:
    from bottega.datasets.sounds import PreparedSounds
    from bottega.models.sounds import SoundModel

SECONDS = 10.0
"""Of each new sound."""
LISTENED = 1200.0
"""Seconds of held-out and of training sounds that are compared with the new ones, at most."""
SEARCHED = 3600.0
"""Seconds of training sounds that are searched for copies, at most."""
REBUILT = 60.0
"""Seconds of sound that a codec takes apart and puts together again."""
FEWEST = 12  # windows on a side
NEAR = 5  # neighbours that make a neighbourhood
PERCENT = ("copies", "coverage")


@dataclass(frozen=True)
class SoundEvaluation:
    """What was measured.

    Attributes:
        figures: by name: ``kernel_distance`` (floor: training sounds), ``grain_distance`` (the baseline: no floor),
            ``coverage`` (floor: training sounds), ``copies``, ``longest_copy``, ``likeness`` (floor: held-out sounds),
            ``rebuilt`` (floor: training sounds).
        samples: sounds made for it.
        held_out, train: works of the collection.
        seconds: of new, of held-out and of training sounds that were listened to.
        seed: of the samples.
        closest: the longest copies and where they come from, as Markdown.
    """

    figures: dict[str, Figure]
    samples: int
    held_out: int
    train: int
    seconds: dict[str, float]
    seed: int
    closest: str

    def as_json(self) -> dict[str, Any]:
        """Plain numbers under stable names; ``floors`` and ``reasons`` under the same ones."""
        counts = ("samples", "held_out", "train", "seconds", "seed")
        return plainly(self.figures, "floors", "reasons") | {name: getattr(self, name) for name in counts}

    def show(self, folder: Path) -> list[str]:
        """Writes ``copies.md``; the line of Markdown that leads there."""
        (folder / "copies.md").write_text(self.closest, encoding="utf-8")
        return [f"[{_('The longest copies, and where they come from')}](copies.md)"]

    def text(self) -> str:
        """The same for people: a line for each figure."""
        counts = _(
            "{samples} new sounds, {new:.0f} seconds; {held_out:.0f} seconds that the model has not learned from."
        )
        new, held_out = self.seconds["new"], self.seconds["held_out"]
        lines = [counts.format(samples=self.samples, new=new, held_out=held_out)]
        lines.append(_("In brackets: what real sounds score in the same place."))
        return "\n".join([*lines, *(line(name, figure) for name, figure in self.figures.items())])


def line(name: str, figure: Figure) -> str:
    """One figure for people, with what it means."""
    meaning = {
        "kernel_distance": _("Kernel distance to held-out sounds, smaller is better"),
        "grain_distance": _("The same for grains of 50 ms of training works in random order, which a model must beat"),
        "coverage": _("Coverage, held-out seconds that have a new one like them"),
        "copies": _("Copies, seconds that stand in a training work"),
        "longest_copy": _("Longest copy, in seconds"),
        "likeness": _("Correlation of a second with the likest one of the training works, in the median"),
        "rebuilt": _("Distance of spectra between held-out sounds and the same through the codec, smaller is better"),
    }[name]
    return figure.line(meaning, percent=name in PERCENT)


def evaluate(
    model: "SoundModel",
    data: "PreparedSounds",
    *,
    n: int = 20,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> SoundEvaluation:
    """Let a model make sounds, compare them with sounds it has not learned from, and search them for copies.

    Args:
        model: of sounds.
        data: the collection it learned from, or another one, of which all works then count as held out.
        n: sounds to make, at least 1.
        seed: of those sounds.
        on_progress: called with (sounds searched, sounds in all).
    """
    learned = model.facts.get("fingerprint") == data.fingerprint
    unseen = data.held_out if learned else np.arange(len(data.names))
    rate = model.waveform.rate
    held_out, train = (list(listened(data, rows, rate, LISTENED)) for rows in (unseen, data.train))
    whole = min(SECONDS, float(np.median([len(one) for one in train])) / rate)  # hits of a drum are not made longer
    new: list[np.ndarray] = []
    if model.makes_works:
        new = [mono(work.content.samples) for work in model.generate(n, seed=seed, seconds=whole)]
    names = [data.names[row] for row in data.train]
    heard = through(model) if model.codec else lambda samples: samples
    library = Library(map(heard, listened(data, data.train, rate, SEARCHED)), rate) if new else None
    figures, found = measure(new, train, held_out, rate, library, heard, seed=seed, on_progress=on_progress)
    if model.has_frames:
        figures["rebuilt"] = rebuilding(model, held_out, train)
    return SoundEvaluation(
        figures=figures,
        samples=len(new),
        held_out=len(unseen),
        train=len(data.train),
        seconds={"new": _seconds(new, rate), "held_out": _seconds(held_out, rate), "train": _seconds(train, rate)},
        seed=seed,
        closest=sheet(found, names),
    )


def measure(
    new: Sequence[np.ndarray],
    train: Sequence[np.ndarray],
    held_out: Sequence[np.ndarray],
    rate: int,
    library: Library | None = None,
    heard: Callable[[np.ndarray], np.ndarray] = lambda samples: samples,
    *,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[dict[str, Figure], CopyAudit]:
    """The figures of new sounds, each of one channel ``(N,)``, beside training and held-out ones.

    Args:
        library: where copies are looked for; the training sounds as they are ``heard`` when not given.
        heard: how a sound comes out of the codec through which the new ones came: a copy would sound like that.
    """
    tell = on_progress or (lambda done, total: None)
    if not new:
        reason = _("this model turns sounds into frames and back, and makes none by itself")
        names = ("kernel_distance", "grain_distance", "coverage", "copies", "longest_copy", "likeness")
        return {name: Figure(None, None, reason=reason) for name in names}, CopyAudit(0.0, 0.0, [], 0.0)
    figures = distances(new, train, held_out, rate, seed)
    library = library or Library(map(heard, train), rate)
    found = audit(new, library, lambda done: tell(done, len(new)))
    chance = audit([heard(one) for one in held_out], library) if held_out else None
    figures["copies"] = Figure(found.share, chance and chance.share)
    figures["longest_copy"] = Figure(found.longest, chance and chance.longest)
    figures["likeness"] = Figure(found.likeness, chance and chance.likeness)
    return figures, found


def distances(
    new: Sequence[np.ndarray], train: Sequence[np.ndarray], held_out: Sequence[np.ndarray], rate: int, seed: int
) -> dict[str, Figure]:
    """Kernel distance and coverage, and the distance of shuffled grains of as many seconds."""
    fresh, real = seconds_of(new, rate), seconds_of(held_out, rate)
    names = ("kernel_distance", "grain_distance", "coverage")
    if min(len(fresh), len(real)) < FEWEST:
        return {name: too_few(FEWEST, min(len(fresh), len(real))) for name in names}
    known = seconds_of(_some(train, LISTENED, rate), rate)
    scale = Scale(np.concatenate([known, real]))
    grains = seconds_of(grained(train, rate, [len(one) for one in new], Random(seed, "grains")), rate)
    random = Random(seed, "coverage")
    # reach and coverage depend on how many there are: as many on both sides, and as many for the floor
    count = min(len(fresh), len(known))
    fresh_some, known_some = (
        fresh[random.permutation(len(fresh))[:count]],
        known[random.permutation(len(known))[:count]],
    )
    covered = neighbourhoods(scale(real).numpy(), scale(fresh_some).numpy(), NEAR).coverage
    floor = neighbourhoods(scale(real).numpy(), scale(known_some).numpy(), NEAR).coverage
    return {
        "kernel_distance": Figure(scale.distance(fresh, real), scale.distance(known, real)),
        "grain_distance": Figure(scale.distance(grains, real), None),
        "coverage": Figure(covered, floor),
    }


def rebuilding(model: "SoundModel", held_out: Sequence[np.ndarray], train: Sequence[np.ndarray]) -> Figure:
    """How far sounds are from themselves taken apart and put together again."""
    if not held_out:
        return Figure(None, None, reason=_("no works are held out"))
    return Figure(_rebuilt(model, held_out), _rebuilt(model, train))


def _rebuilt(model: "SoundModel", sounds: Sequence[np.ndarray]) -> float:
    import torch

    from bottega.evaluation.sounds.distances import stft_distance

    heard = through(model)
    some = _some(sounds, REBUILT, model.waveform.rate)
    values = [stft_distance(*(torch.from_numpy(s[None]) for s in (one, heard(one)))).total for one in some]
    return float(np.average(values, weights=[len(one) for one in some]))


def through(model: "SoundModel") -> Callable[[np.ndarray], np.ndarray]:
    """How sounds of one channel ``(N,)`` come out of a model's codec, as long as they were."""
    from bottega.media.audio import Sound

    def heard(samples: np.ndarray) -> np.ndarray:
        return mono(model.decode(model.encode(Sound(samples[None], model.waveform.rate))).samples)[: len(samples)]

    return heard


def listened(data: "PreparedSounds", rows: np.ndarray, rate: int, seconds: float) -> Iterator[np.ndarray]:
    """Some works in one channel at ``rate``, from each a share of its length so that together they last no longer; one
    after the other, because all of them need not fit into memory."""
    from bottega.media.audio import Sound, resampled

    total = float(data.lengths[rows].sum()) / data.rate
    share = min(1.0, seconds / max(total, 1e-9))
    for row in rows.tolist():
        samples = mono(data.samples(row, 0, max(1, int(share * data.lengths[row]))))
        yield resampled(Sound(samples[None], data.rate), rate).samples[0]


def seconds_of(sounds: Sequence[np.ndarray], rate: int) -> np.ndarray:
    """The statistics of all their seconds, ``(W, D)``."""
    return np.concatenate([statistics(one, rate) for one in sounds]) if sounds else np.zeros((0, 1), np.float32)


def sheet(found: CopyAudit, names: Sequence[str]) -> str:
    """Markdown: the longest copies and where they come from."""
    lines = [f"# {_('The longest copies')}", ""]
    if not found.passages:
        return "\n".join([*lines, _("No second of the new sounds is a copy."), ""])
    told = _(
        "Sound {number}, seconds {begin:.1f} to {end:.1f}: “{work}” from second {first:.1f}; correlation {likeness:.2f}"
    )
    for copy in found.passages[:30]:
        number, work = copy.sound + 1, names[copy.work]
        place = {"begin": copy.begin, "end": copy.end, "first": copy.first, "likeness": copy.likeness}
        lines.append("- " + told.format(number=number, work=work, **place))
    return "\n".join([*lines, ""])


def _some(sounds: Sequence[np.ndarray], seconds: float, rate: int) -> list[np.ndarray]:
    share = min(1.0, seconds / max(_seconds(sounds, rate), 1e-9))
    return [one[: max(1, int(share * len(one)))] for one in sounds]


def _seconds(sounds: Sequence[np.ndarray], rate: int) -> float:
    return sum(map(len, sounds)) / rate
