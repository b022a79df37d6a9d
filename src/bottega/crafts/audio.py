"""The craft of sounds."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bottega import events
from bottega.crafts.schemas import SoundMaking, SoundPreparation
from bottega.crafts.sources import at_hand
from bottega.datasets import sounds
from bottega.datasets.sounds import PreparedSounds, SoundSettings
from bottega.errors import DataError
from bottega.language import _
from bottega.media import audio, video
from bottega.models.model import Work, class_shares, initialised
from bottega.models.sounds import CHUNK, SoundModel, picture
from bottega.parts import Catalogue
from bottega.recipes.recipe import Recipe
from bottega.representations.latents import Latents
from bottega.representations.waveform import Waveform
from bottega.training.budget import Budget

if TYPE_CHECKING:
    from bottega.evaluation.sounds.report import SoundEvaluation
    from bottega.training.run import Preview, Rows

endings = frozenset(audio.READ - video.READ)  # a folder of videos is one of films

ROWS = Catalogue(
    "order of rows",
    {
        "crops": "bottega.datasets.crops:Crops",
        "whole": "bottega.datasets.crops:Whole",
        "frames": "bottega.datasets.frames:Frames",
    },
)
"""How works are laid out for training, by the name that recipes use."""
CHANGES = Catalogue("augmentation", {"changes": "bottega.datasets.crops:Changes"})

PREVIEW, PREVIEW_SECONDS = 4, 4.0
"""Sounds that training makes again and again from the same noise, and how long they are."""
SAMPLES = 32
"""Sounds made to measure a model."""
SHORT, MANY = 1.5, 100
"""Seconds below which sounds are short ones, and how many of those a game on their samples needs."""
SOON = 5
"""Minutes below which the recurrent network is ahead of the flow; see docs/lab/sound-priors.md."""
WHOLE = 0.8
"""The share of short sounds that rows hold whole; the ends of the others are cut."""
ROW_SIZES = (1024, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576, 32768)


Preparation, Making = SoundPreparation, SoundMaking


def prepare(
    source: Path, wishes: SoundPreparation, minutes: float | None, say: events.Listener
) -> tuple[PreparedSounds, dict[str, Any]]:
    """Samples in one file of the cache; ``minutes`` change nothing."""
    settings = SoundSettings(**wishes.model_dump())
    data = sounds.prepare_sounds(source, settings, on_progress=lambda *done: say(events.Preparing(*done)))
    return data, wishes.model_dump()


def choose(data: PreparedSounds, budget: Budget) -> tuple[str, str]:
    """The recipe for these works, and why: a game on the samples of many short sounds, flow on frames otherwise."""
    seconds = data.lengths[data.train] / data.rate
    if len(seconds) >= MANY and float(np.median(seconds)) < SHORT:
        why = _("because there are {works:,} short sounds, about {seconds:.1f} s each.")
        return "wavegan", why.format(works=len(seconds), seconds=float(np.median(seconds)))
    length = float(seconds.sum()) / 60
    if budget.minutes is not None and budget.minutes < SOON:
        return "audio-rnn", _(
            "because it learns the most from {minutes:.1f} minutes of sound in so little time."
        ).format(minutes=length)
    why = _("because it learns to go on, to fill and to vary from {minutes:.1f} minutes of sound.")
    return "audio-flow", why.format(minutes=length)


def begin(
    recipe: Recipe, data: PreparedSounds, seed: int, codec: SoundModel | None = None
) -> tuple[SoundModel, "Rows", Callable]:
    """An untrained model, and the samples to show it, or the frames into which its codec turns them."""
    assert recipe.rows is not None  # every recipe of sounds says it
    numbers = recipe.rows.numbers()
    if codec:
        if (codec.waveform.rate, codec.waveform.channels) != (data.rate, data.channels):
            message = _("The codec works at {rate:,} Hz with {channels} channels; give --rate and --channels to match.")
            raise DataError(message.format(rate=codec.waveform.rate, channels=codec.waveform.channels))
        frames = [np.concatenate(list(codec.frames_of(data.samples(row))), 1) for row in data.train]
        between: Latents | Waveform = Latents.of_frames(frames, numbers["length"])
        given = {"latents": frames, "labels": None if data.labels is None else data.labels[data.train]}
    else:
        if numbers["samples"] == "auto":
            numbers["samples"] = row_of(data)
        between = Waveform(data.rate, data.channels, numbers["samples"])
        given = {"data": data, "changes": CHANGES.build("changes", numbers.pop("changes", {}))}
    objective = initialised(recipe, between, len(data.classes), seed)
    shares = class_shares(data.classes, data.labels, data.train)
    model = SoundModel(recipe, between, data.classes, shares, objective, codec=codec)
    return model, ROWS.build(recipe.rows.name, numbers, **given), between.encode


def row_of(data: PreparedSounds) -> int:
    """Samples in which most of some short sounds lie whole: a number that halves often."""
    wanted = float(np.quantile(data.lengths[data.train], WHOLE))
    return next((size for size in ROW_SIZES if size >= wanted), ROW_SIZES[-1])


def preview(model: SoundModel, data: PreparedSounds) -> "Preview | None":
    """Draws what training makes again and again from the same noise; of a codec, works it has not heard and what it
    makes of them."""
    if not model.makes_works:
        originals = [_excerpt(data, row) for row in data.held_out[: PREVIEW // 2]]
        return lambda _objective: picture([s for o in originals for s in (o, model.decode(model.encode(o)))])
    seconds = PREVIEW_SECONDS if model.codec else None
    quick = model.objective.quick
    return lambda _objective: picture(
        [work.content for work in model.generate(PREVIEW, seed=0, seconds=seconds, **quick)]
    )


def _excerpt(data: PreparedSounds, row: int) -> audio.Sound:
    """The middle of a recording."""
    count = min(int(data.lengths[row]), round(PREVIEW_SECONDS * data.rate))
    start = (int(data.lengths[row]) - count) // 2
    return audio.Sound(data.samples(row, start, count), data.rate)


def make(
    model: SoundModel,
    n: int,
    seed: int,
    label: str | None,
    wishes: SoundMaking,
    works: Path | None,
    say: events.Listener,
) -> list[Work]:
    """New sounds; one that is made sample by sample says before how long that takes."""
    controls = wishes.model_dump(exclude_none=True)
    if hasattr(model.objective, "seconds_for"):
        model.labels(n, seed, label)  # an unknown class is refused before anything is timed
        length = wishes.seconds or model.waveform.samples / model.waveform.rate
        samples, rounds = round(length * model.waveform.rate), -(-n // CHUNK)
        needed = rounds * model.objective.seconds_for(min(n, CHUNK), samples)  # type: ignore[operator]
        message = _("Sample by sample this takes about {needed:.0f} s, {factor:.1f} times as long as the sounds last.")
        say(events.Said(message.format(needed=needed, factor=needed / (n * length))))
    return model.generate(
        n, seed=seed, label=label, on_progress=lambda done, total: say(events.Editing(done / total, None)), **controls
    )


def collection(model: SoundModel, works: Path | None, wishes: SoundMaking, say: events.Listener) -> PreparedSounds:
    """The sounds a model learned from. Raises DataError when nobody says where they are."""
    return prepare(at_hand(works), Preparation(**model.facts["prepared"]), None, say)[0]


def sheet(works: list[Work]) -> np.ndarray:
    """The spectrograms of all sounds."""
    return picture([work.content for work in works])


def beside(path: Path, content: Any, wishes: SoundMaking | None = None) -> list[Path]:
    """Nothing: a sound is heard as it is."""
    return []


def evaluate(
    model: SoundModel, data: PreparedSounds, n: int | None, seed: int, say: events.Listener
) -> "SoundEvaluation":
    """Distances to held-out sounds, and copies."""
    from bottega.evaluation.sounds import report

    return report.evaluate(model, data, n=n or SAMPLES, seed=seed)
