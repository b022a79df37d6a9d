"""Films from a folder to new ones, as the verbs do it, with models that learn for a moment."""

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from bottega import crafts, origins, verbs
from bottega.datasets.builtin_films import draw
from bottega.errors import DataError, UsageError
from bottega.events import Said
from bottega.media import kinds, video
from bottega.media.video import Film
from bottega.models import load_model

RATE = 12
SIZE = (32, 32)
SMALL = {
    "rows.length": "8",
    "networks.velocity.channels": "[32, 32]",
    "networks.velocity.blocks": "[1, 1, 1]",
    "training.batch": "2",
    "codec.training.batch": "2",
    "codec.rows.frames": "8",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve films in two classes, lossless."""
    place = tmp_path_factory.mktemp("films")
    for i in range(12):
        frames, name = draw(8 * (i // 2) + 2 * (i % 2), 32, 16)
        (place / name).mkdir(exist_ok=True)
        video.write(place / name / f"{i}.mkv", Film(frames, Fraction(RATE)))
    return place


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory):
    """A flow on the frames of a codec, a few steps each, and what was said on the way."""
    told, place = [], tmp_path_factory.mktemp("models") / "small"
    verbs.train(folder, to=place, steps=6, size=SIZE, settings=SMALL, on_event=told.append)
    return place, " ".join(event.text for event in told if isinstance(event, Said))


def test_a_folder_of_films_is_recognised_and_trains_a_codec_first(folder, trained):
    place, said = trained
    assert crafts.medium_for(folder) == "video" and "video-flow" in said and "video-vae" in said
    model, codec = load_model(place), load_model(place / "codec")
    assert model.makes_works and not codec.makes_works
    assert model.clip.shape[2:] == SIZE and model.rate == RATE
    assert {"samples.webp", "samples.png", "codec"} <= {path.name for path in place.iterdir()}
    assert any((place / "codec" / "training" / "previews").glob("*.png"))


def test_new_films_come_with_a_sheet_and_can_be_made_again(trained, tmp_path):
    *files, sheet = verbs.generate(trained[0], 3, to=tmp_path, label="balls", seconds=0.5, seed=5)
    assert sheet.suffix == ".png" and kinds.medium_of(kinds.read(sheet)) == "image"
    film = video.read(files[1])
    assert film.rate == RATE and len(film) == 6 and film.sound is None
    assert video.read_record(files[1])["parameters"]["controls"] == {"seconds": 0.5}
    again = origins.remake(files[1], to=tmp_path / "again.mp4", look_in=[trained[0].parent])
    assert again.same and not np.array_equal(film.frames, video.read(files[2]).frames)


def test_loops_are_made_where_the_model_can(folder, trained, tmp_path):
    *files, _sheet = verbs.generate(trained[0], 1, to=tmp_path / "w", loop=True)
    assert video.read_record(files[0])["parameters"]["controls"] == {"loop": True}
    small = {
        "networks.generator.channels": "[16, 8]",
        "networks.discriminator.channels": "[16, 8]",
        "training.batch": "2",
    }
    game = verbs.train(
        folder, to=tmp_path / "game", recipe="gan3d", steps=1, size=SIZE, settings=small | {"rows.frames": "8"}
    )
    with pytest.raises(UsageError, match="makes no loops"):
        game.generate(1, loop=True)
    with pytest.raises(UsageError, match="up to"):
        game.generate(1, seconds=60)


def test_a_codec_has_to_fit(folder, trained, tmp_path):
    with pytest.raises(DataError, match="32×32 pixels and 12 frames"):
        verbs.train(folder, to=tmp_path / "b", steps=2, recipe="video-flow", size=(16, 16), codec=trained[0] / "codec")


def test_a_film_of_any_size_and_rate_is_brought_to_those_of_a_model(trained):
    model = load_model(trained[0])
    clear = np.zeros((10, 50, 80, 4), np.uint8)
    fitted = model.fitted(Film(clear, Fraction(30)))
    assert fitted.frames.shape == (4, *SIZE, 3) and fitted.rate == RATE
    assert (fitted.frames == 255).all()  # what is transparent lies over white paper
    latents = model.encode(fitted)
    assert latents.shape[2] == 4 and model.decode(latents).frames.shape == fitted.frames.shape


def test_a_folder_of_moving_pictures_is_one_of_films(tmp_path):
    for i in range(3):
        frames = [Image.new("RGB", (8, 8), (80 * t, i, 0)) for t in range(3)]
        frames[0].save(tmp_path / f"{i}.gif", save_all=True, append_images=frames[1:])
    assert crafts.medium_for(tmp_path) == "video"
    for i in range(4):
        Image.new("RGB", (8, 8)).save(tmp_path / f"still-{i}.gif")
    assert crafts.medium_for(tmp_path) == "image"
