"""Small models of films, as they begin: what they make is noise, but it stands where it should."""

from fractions import Fraction

import numpy as np
import pytest

from bottega.media.video import Film
from bottega.models.films import FilmModel
from bottega.models.model import initialised
from bottega.recipes.recipe import load
from bottega.representations.clips import Clip
from bottega.representations.latents import Latents

RATE, SIDE, LENGTH = Fraction(12), 16, 8
CODEC = {"latent": 2, "channels": [8, 8]}
FLOW = {"channels": [32, 32], "blocks": [1, 1, 1]}


def small_model(classes: int = 0) -> FilmModel:
    numbers = {f"networks.{role}.{k}": str(v) for role in ("encoder", "decoder") for k, v in CODEC.items()}
    recipe, clip = load("video-vae", numbers), Clip((3, 4, SIDE, SIDE), RATE)
    codec = FilmModel(recipe, clip, [], [], initialised(recipe, clip, 0, 0))
    recipe = load("video-flow", {f"networks.velocity.{k}": str(v) for k, v in FLOW.items()})
    width = codec.objective.width  # type: ignore[attr-defined]
    latents = Latents(LENGTH, [0.0] * width, [1.0] * width, codec.objective.decoder.places)  # type: ignore[union-attr]
    names = [f"class {k}" for k in range(classes)]
    shares = [1 / classes] * classes if classes else []
    return FilmModel(recipe, latents, names, shares, initialised(recipe, latents, classes, 0), codec=codec)


@pytest.fixture(scope="session")
def flow() -> FilmModel:
    return small_model()


def film(frames: int = 14, rate: int = 12, side: int = SIDE, key: int = 0) -> Film:
    """Soft noise in motion, with a sound of its own."""
    small = np.random.default_rng(key).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    large = np.kron(small, np.ones((side // 4, side // 4, 1), np.uint8))
    return Film(np.stack([np.roll(large, t, 1) for t in range(frames)]), Fraction(rate), sound=b"not looked at")
