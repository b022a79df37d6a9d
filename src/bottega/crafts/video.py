"""The craft of films."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from bottega import events
from bottega.crafts.schemas import FilmMaking, FilmPreparation
from bottega.crafts.sources import at_hand
from bottega.datasets import films
from bottega.datasets.films import FilmSettings, PreparedFilms
from bottega.errors import DataError
from bottega.language import _
from bottega.media import image, strip, video
from bottega.media.video import Film
from bottega.models.films import FilmModel
from bottega.models.model import Work, class_shares, initialised
from bottega.parts import Catalogue
from bottega.recipes.recipe import Recipe
from bottega.representations.clips import Clip
from bottega.representations.latents import Latents
from bottega.training.budget import Budget

if TYPE_CHECKING:
    from bottega.evaluation.films.report import FilmEvaluation
    from bottega.training.run import Preview, Rows

endings = frozenset(video.READ - image.READ)

ROWS = Catalogue(
    "order of rows",
    {"clips": "bottega.datasets.clips:Clips", "frames": "bottega.datasets.frames:Frames"},
)
"""How works are laid out for training, by the name that recipes use."""

PREVIEW = 6
"""Films that training makes again and again from the same noise."""
SAMPLES = 64
"""Films made to measure a model."""
SIZE = (64, 64)

Preparation, Making = FilmPreparation, FilmMaking


def prepare(
    source: Path, wishes: FilmPreparation, minutes: float | None, say: events.Listener
) -> tuple[PreparedFilms, dict[str, Any]]:
    """Frames in one file of the cache; ``minutes`` change nothing."""
    given = wishes.model_dump() | {"size": wishes.size or SIZE}
    settings = FilmSettings(given["size"], given["fit"], rate=Fraction(wishes.fps), cut=not wishes.uncut)
    data = films.prepare_films(source, settings, on_progress=lambda *done: say(events.Preparing(*done)))
    return data, given


def choose(data: PreparedFilms, budget: Budget) -> tuple[str, str]:
    """The recipe for these works, and why."""
    seconds = float(data.lengths[data.train].sum() / data.rate)
    why = _("because it learns to begin, to go on, to fill and to loop from {seconds:,.0f} seconds of film.")
    return "video-flow", why.format(seconds=seconds)


def begin(
    recipe: Recipe, data: PreparedFilms, seed: int, codec: FilmModel | None = None
) -> tuple[FilmModel, "Rows", Callable]:
    """An untrained model, and the frames to show it, or the latent frames into which its codec turns them."""
    assert recipe.rows is not None  # every recipe of films says it
    numbers = recipe.rows.numbers()
    if codec:
        if (codec.clip.shape[2:], codec.rate) != (tuple(data.size), data.rate):
            _channels, _frames, height, width = codec.clip.shape
            message = _(
                "The codec works at {width}×{height} pixels and {rate:.3g} frames a second; give --size and --fps."
            )
            raise DataError(message.format(width=width, height=height, rate=float(codec.rate)))
        latents, labels = _latents(codec, data, numbers.pop("mirror", False))
        between: Latents | Clip = Latents.of_frames(latents, numbers["length"], codec.objective.decoder.places)
        objective = initialised(recipe, between, len(data.classes), seed)
        if hasattr(objective, "prepare"):
            lengths = [one.shape[1] for one in latents]
            frames = between.encode(torch.from_numpy(np.concatenate(latents, 1))[None])[0].mT  # (N, L)
            objective.prepare(frames, None if labels is None else torch.from_numpy(np.repeat(labels, lengths)))
        given = {"latents": latents, "labels": labels}
    else:
        between = Clip((3, numbers["frames"], *data.size), data.rate)
        objective = initialised(recipe, between, len(data.classes), seed)
        given = {"data": data}
    shares = class_shares(data.classes, data.labels, data.train)
    model = FilmModel(recipe, between, data.classes, shares, objective, codec=codec)
    return model, ROWS.build(recipe.rows.name, numbers, **given), between.encode


def _latents(codec: FilmModel, data: PreparedFilms, mirror: bool) -> tuple[list[np.ndarray], np.ndarray | None]:
    """The latent frames of all training films, float32 ``(L, T_i)``, and their classes; ``mirror``: of their mirror
    images too."""
    latents, labels = [], None if data.labels is None else data.labels[data.train]
    for turned in (False, True)[: 1 + mirror]:
        for row in data.train:
            frames = data.frames(row)
            latents.append(codec.latents_of(frames[:, :, ::-1] if turned else frames))
    return latents, np.tile(labels, 1 + mirror) if labels is not None else None


def preview(model: FilmModel, data: PreparedFilms) -> "Preview | None":
    """Draws what training makes again and again from the same noise; of a codec, works it has not seen and what it
    makes of them."""
    if not model.makes_works:
        originals = [_excerpt(model, data, row) for row in data.held_out[: PREVIEW // 2]]
        return lambda _objective: strip.sheet([f for o in originals for f in (o, model.decode(model.encode(o)))])
    quick = model.objective.quick
    return lambda _objective: strip.sheet([work.content for work in model.generate(PREVIEW, seed=0, **quick)])


def _excerpt(model: FilmModel, data: PreparedFilms, row: int) -> Film:
    """The beginning of a film, as long as a row of training."""
    return Film(data.frames(row, 0, model.clip.shape[1]), data.rate)


def make(
    model: FilmModel,
    n: int,
    seed: int,
    label: str | None,
    wishes: FilmMaking,
    works: Path | None,
    say: events.Listener,
) -> list[Work]:
    """New films."""
    controls = wishes.model_dump(exclude_none=True)
    return model.generate(
        n, seed=seed, label=label, on_progress=lambda done, total: say(events.Editing(done / total, None)), **controls
    )


def collection(model: FilmModel, works: Path | None, wishes: FilmMaking, say: events.Listener) -> PreparedFilms:
    """The films a model learned from. Raises DataError when nobody says where they are."""
    return prepare(at_hand(works), Preparation(**model.facts["prepared"]), None, say)[0]


def sheet(works: list[Work]) -> np.ndarray:
    """Strips of all films, one below the other."""
    return strip.sheet([work.content for work in works])


def beside(path: Path, content: Any, wishes: FilmMaking | None = None) -> list[Path]:
    """Nothing: a film is seen as it is."""
    return []


def evaluate(model: FilmModel, data: PreparedFilms, n: int | None, seed: int, say: events.Listener) -> "FilmEvaluation":
    """Distances to held-out films, and copies."""
    from bottega.evaluation.films import report

    return report.evaluate(model, data, n=n or SAMPLES, seed=seed)
