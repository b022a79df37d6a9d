"""Sounds from a folder to new ones, as the verbs do it, with models that learn for a moment."""

import os
import signal

import numpy as np
import pytest

from bottega import crafts, origins, verbs
from bottega.crafts.schemas import SoundMaking
from bottega.errors import DataError, Interrupted, UsageError
from bottega.events import Said
from bottega.media import audio, kinds
from bottega.media.audio import Sound
from bottega.models import load_model
from bottega.models.model import initialised
from bottega.models.sounds import SoundModel
from bottega.recipes.recipe import load
from bottega.representations.waveform import Waveform

RATE = 8000
SMALL = {
    "rows.length": "24",
    "networks.velocity.width": "32",
    "networks.velocity.layers": "1",
    "networks.velocity.heads": "2",
    "training.batch": "2",
    "codec.training.batch": "2",
    "codec.rows.samples": "4096",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Sixteen tones in two classes, two seconds each, stereo and mono."""
    place = tmp_path_factory.mktemp("sounds")
    for i in range(16):
        kind = "low" if i % 2 else "high"
        (place / kind).mkdir(exist_ok=True)
        t = np.arange(2 * RATE) / RATE
        tone = 0.4 * np.sin(2 * np.pi * (110 if i % 2 else 660) * 2 ** (i / 24) * t) * np.exp(-2 * (t % 0.5))
        audio.write(place / kind / f"{i}.wav", Sound(np.tile(tone.astype(np.float32), (1 + i % 2, 1)), RATE))
    return place


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory):
    """A flow on the frames of a codec, four steps each, and what was said on the way."""
    told, place = [], tmp_path_factory.mktemp("models") / "small"
    verbs.train(folder, to=place, steps=10, recipe="audio-flow", rate=RATE, settings=SMALL, on_event=told.append)
    return place, " ".join(event.text for event in told if isinstance(event, Said))


def test_a_folder_of_sounds_is_recognised_and_trains_a_codec_first(folder, trained):
    place, said = trained
    assert crafts.medium_for(folder) == "audio" and "audio-frames" in said and "10%" in said
    model, codec = load_model(place), load_model(place / "codec")
    assert (model.facts["steps"], codec.facts["steps"]) == (9, 1)
    assert model.makes_works and not codec.makes_works
    assert {"samples.wav", "samples.png", "codec"} <= {path.name for path in place.iterdir()}
    assert any((place / "codec" / "training" / "previews").glob("*.png"))


def test_a_training_of_two_stages_is_finished_stage_by_stage(folder, tmp_path):
    """In the first stage, running or stopped, only that ends; in the second, the training does."""
    from bottega.training.events import Stepped
    from bottega.training.stopping import ENOUGH

    def train(name, *numbers, **more):
        told, waiting = [], list(numbers)

        def on_event(event):
            told.append(event)
            if isinstance(event, Stepped) and waiting:
                os.kill(os.getpid(), waiting.pop(0))

        wishes = {"to": tmp_path / name, "steps": 500, "recipe": "audio-flow", "rate": RATE, "settings": SMALL}
        try:
            verbs.train(folder, on_event=on_event, **wishes, **more)
        finally:
            said.append(" ".join(event.text for event in told if isinstance(event, Said)))

    said = []
    train("running", ENOUGH, ENOUGH)
    with pytest.raises(Interrupted):
        train("stopped", signal.SIGTERM)
    train("stopped", ENOUGH, finish=True)
    for place in (tmp_path / "running", tmp_path / "stopped"):
        model, codec = load_model(place), load_model(place / "codec")
        assert (model.facts["budget"], codec.facts["budget"]) == ({"steps": 450}, {"steps": 50})
        assert 0 < codec.facts["progress"] < 1 and 0 < model.facts["progress"] < 1
        assert model.facts["steps"] == round(450 * model.facts["progress"])
    assert ["codec ends here" in one for one in said] == [True, False, True]


def test_new_sounds_come_with_a_sheet_and_can_be_made_again(trained, tmp_path):
    *files, sheet = verbs.generate(trained[0], 3, to=tmp_path, label="low", seconds=0.7, seed=5)
    assert sheet.suffix == ".png" and kinds.medium_of(kinds.read(sheet)) == "image"
    sound = audio.read(files[1])
    assert sound.rate == RATE and len(sound) == round(0.7 * RATE) and sound.samples.any()
    assert audio.read_record(files[1])["parameters"]["controls"] == {"seconds": 0.7}
    again = origins.remake(files[1], to=tmp_path / "again.wav", look_in=[trained[0].parent])
    assert again.same and not np.array_equal(sound.samples, audio.read(files[2]).samples)


def test_how_long_it_takes_is_said_before_and_an_unknown_class_before_that():
    between = Waveform(1000, 1, 64)
    recipe = load("wavenet", {"networks.model.width": "8", "networks.model.skip": "8"})
    model, told = SoundModel(recipe, between, ["low", "high"], [0.5, 0.5], initialised(recipe, between, 2, 0)), []
    with pytest.raises(UsageError, match="low, high"):
        crafts.of("audio").make(model, 1, 0, "middle", SoundMaking(), None, told.append)
    assert not told
    crafts.of("audio").make(model, 1, 0, "low", SoundMaking(), None, told.append)
    assert "Sample by sample" in told[0].text


def test_a_codec_can_be_used_again_and_has_to_fit(folder, trained, tmp_path):
    model = verbs.train(
        folder, to=tmp_path / "b", steps=4, recipe="audio-flow", rate=RATE, settings=SMALL, codec=trained[0] / "codec"
    )
    assert model.facts["steps"] == 4  # all of them its own
    assert model.codec.hash == load_model(trained[0] / "codec").hash
    assert (tmp_path / "b" / "codec" / "model.safetensors").exists()
    with pytest.raises(DataError, match="8,000 Hz"):
        verbs.train(folder, to=tmp_path / "c", steps=2, recipe="audio-flow", rate=11025, codec=trained[0] / "codec")
    with pytest.raises(UsageError, match="without a codec"):
        verbs.train(folder, to=tmp_path / "d", steps=2, recipe="wavegan", rate=RATE, codec=trained[0] / "codec")


def test_the_frames_of_a_long_sound_are_those_of_the_whole(trained):
    import torch

    model = load_model(trained[0] / "codec")
    long = np.random.default_rng(0).standard_normal((1, 700 * model.hop)).astype(np.float32) * 0.1
    pieces = np.concatenate(list(model.frames_of(long)), 1)
    with torch.inference_mode():
        whole = model.objective.encode(torch.from_numpy(long)[None])[0].numpy()
    assert pieces.shape == whole.shape and np.abs(pieces - whole).max() < 1e-3


def test_the_recipe_follows_from_the_sounds(folder, tmp_path):
    craft = crafts.of("audio")
    data, _given = craft.prepare(folder, craft.Preparation(rate=RATE), 5, lambda event: None)
    from bottega.training.budget import Budget

    assert craft.choose(data, Budget(minutes=5))[0] == "audio-flow"
    assert craft.choose(data, Budget(minutes=2))[0] == "audio-rnn"
    for i in range(130):
        noise = np.random.default_rng(i).standard_normal((1, RATE // 2)).astype(np.float32) * 0.1
        audio.write(tmp_path / f"{i}.wav", Sound(noise, RATE))
    data, _given = craft.prepare(tmp_path, craft.Preparation(rate=RATE), 5, lambda event: None)
    assert craft.choose(data, Budget(minutes=5))[0] == "wavegan"
