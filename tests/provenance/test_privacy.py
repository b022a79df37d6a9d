"""No file of any medium says where it was made, by whom, or on which machine."""

import getpass
import socket
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import bottega
from bottega.datasets import builtin, builtin_texts, builtin_tunes
from bottega.media import audio, kinds, score, video
from bottega.media.audio import Sound
from bottega.media.video import Film

PERSON = "ada-byron-of-ockham"
PIXELS = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)


@pytest.fixture
def works(tmp_path, monkeypatch) -> Path:
    """Works in the home folder of somebody with a name that nothing contains by chance."""
    place = tmp_path / PERSON / "works"
    place.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / PERSON))
    monkeypatch.setenv("USER", PERSON)
    monkeypatch.setenv("LOGNAME", PERSON)
    monkeypatch.setenv("BOTTEGA_HOME", str(tmp_path / PERSON / "Bottega"))
    monkeypatch.setattr(socket, "gethostname", lambda: PERSON)
    monkeypatch.chdir(place)
    Image.fromarray(PIXELS).save(place / "a.png")
    audio.write(place / "a.wav", Sound(np.sin(np.arange(1000, dtype=np.float32))[None] / 2, 8000))
    score.write(place / "a.mid", builtin_tunes.draw(0)[0])
    video.write(place / "a.mkv", Film(np.stack([PIXELS, 255 - PIXELS]), Fraction(12)))
    return place


def silent(folder: Path, names: set[str]) -> list[Path]:
    """The works in a folder, when none of them contains any of some names, in no common encoding."""
    files = [path for path in folder.rglob("*") if path.is_file() and kinds.medium_of_file(path)]
    for path in files:
        content = path.read_bytes().lower()
        for name in names:
            for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                assert name.lower().encode(encoding) not in content, (path.name, name)
    return files


def test_no_edit_says_where_it_was_made(works, tmp_path):
    goal = tmp_path / "out"
    for ending in kinds.WRITTEN["image"]:
        bottega.edit("tile", works / "a.png", to=goal / f"tile{ending}")
    for ending in kinds.WRITTEN["audio"]:
        bottega.edit("stretch", works / "a.wav", to=goal / f"stretch{ending}")
    for ending in kinds.WRITTEN["score"]:
        bottega.edit("re-mood", works / "a.mid", to=goal / f"mood{ending}", mood="0.5,0.5")
    for ending in kinds.WRITTEN["video"]:
        bottega.edit("slow", works / "a.mkv", to=goal / f"slow{ending}")
    assert len(silent(goal, {PERSON, str(works), str(tmp_path)})) == 4 + 4 + 2 + 2 + 6
    for path in goal.iterdir():  # the sound and the picture beside a score too say that a model made them
        assert (kinds.read_record(path) or {})["digital_source_type"] == "compositeWithTrainedAlgorithmicMedia", path


def test_no_generated_work_says_where_it_was_made(works, tmp_path):
    builtin.write_collection(works / "pictures", count=8, size=16)
    builtin_texts.write_collection(works / "texts", count=20)
    small = {"training.batch": "2"}
    flow = small | {"networks.velocity.channels": "[16, 16, 16]"}
    rnn = small | {"networks.model.width": "16"}
    models = [
        bottega.train(works / "pictures", recipe="flow", to=works / "p", steps=1, size=(16, 16), settings=flow),
        bottega.train(works / "texts", recipe="char-rnn", to=works / "t", steps=1, settings=rnn),
    ]
    for number, one in enumerate(models):
        bottega.generate(one, 2, to=tmp_path / "out" / str(number), works=works / "pictures")
    names = {PERSON, str(tmp_path), getpass.getuser()} - {"root"}
    found = silent(tmp_path / "out", names)
    assert len(found) == 2 * 3
    shown = [path for one in models for path in one.folder.iterdir()]
    samples = [path for path in shown if path.suffix in (".png", ".webp", ".wav")]
    assert samples and all((kinds.read_record(path) or {}).get("digital_source_type") for path in samples)
