"""Small models of sounds, as they begin: what they make is noise, but it stands where it should."""

import numpy as np
import pytest

from bottega.media.audio import Sound
from bottega.models.model import initialised
from bottega.models.sounds import SoundModel
from bottega.recipes.recipe import load
from bottega.representations.latents import Latents
from bottega.representations.waveform import Waveform

RATE = 8000
CODEC = {"latent": 8, "hop": 64, "stride": 4, "fine": 16, "coarse": 16, "fine_blocks": 1, "coarse_blocks": 1}
SMALL = {
    "audio-flow": {"networks.velocity.width": 32, "networks.velocity.layers": 1, "networks.velocity.heads": 2},
    "audio-rnn": {"networks.model.width": 32, "networks.model.layers": 1},
}
LENGTH = 16


def small_codec() -> SoundModel:
    numbers = {f"networks.{role}.{k}": str(v) for role in ("encoder", "decoder") for k, v in CODEC.items()}
    recipe, wave = load("audio-vae", numbers), Waveform(RATE, 1, 2048)
    return SoundModel(recipe, wave, [], [], initialised(recipe, wave, 0, 0))


def small_model(name: str, classes: int = 0) -> SoundModel:
    recipe = load(name, {place: str(number) for place, number in SMALL[name].items()})
    latents = Latents(LENGTH, [0.0] * CODEC["latent"], [1.0] * CODEC["latent"])
    names = [f"class {k}" for k in range(classes)]
    objective = initialised(recipe, latents, classes, 0)
    shares = [1 / classes] * classes if classes else []
    return SoundModel(recipe, latents, names, shares, objective, codec=small_codec())


@pytest.fixture(scope="session")
def flow() -> SoundModel:
    return small_model("audio-flow")


@pytest.fixture(scope="session")
def rnn() -> SoundModel:
    return small_model("audio-rnn")


def stereo(seconds: float = 1.5, rate: int = 11025) -> Sound:
    """A sound of another rate and more channels than the models': a tone left of the middle, and a little noise."""
    t = np.arange(round(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * 330 * t) * (0.3 + 0.1 * np.sin(2 * np.pi * 3 * t))
    noise = 0.01 * np.random.default_rng(0).standard_normal((2, len(t)))
    return Sound((np.stack([tone, 0.5 * tone]) + noise).astype(np.float32), rate)
