"""A model of samples asked for another length than it learned."""

from bottega.models.model import initialised
from bottega.models.sounds import SoundModel
from bottega.recipes.recipe import load
from bottega.representations.waveform import Waveform


def test_a_model_that_goes_sample_by_sample_makes_any_length():
    between = Waveform(1000, 1, 64)
    recipe = load("wavenet", {"networks.model.width": "8", "networks.model.skip": "8"})
    model = SoundModel(recipe, between, [], [], initialised(recipe, between, 0, 0))
    (work,) = model.generate(1, seconds=0.1)
    assert work.content.samples.shape == (1, 100)
