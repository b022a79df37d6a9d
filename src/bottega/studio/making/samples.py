"""Something to begin with: one work out of each of the collections that Bottega draws, plays and writes itself."""

import random
from importlib import import_module
from pathlib import Path

from bottega.language import language, later

SAMPLES = {
    "picture": later("A picture"),
    "sound": later("A sound"),
    "tune": later("A tune"),
    "poem": later("A poem"),
    "film": later("A film"),
}
"""What each is called on its button."""
MANY = 400
"""Among how many works of a collection one is chosen."""
LARGE = 256
"""Pixels of a side of a picture."""


def sample(name: str, folder: Path) -> Path:
    """One work in a folder, another one each time."""
    from bottega.media import kinds

    number = random.randrange(MANY)
    match name:
        case "picture":
            content, ending = _draw("builtin", number, LARGE), "png"
        case "sound":
            content, ending = _draw("builtin_sounds", number), "wav"
        case "tune":
            content, ending = _draw("builtin_tunes", number), "mid"
        case "film":
            from bottega.datasets.builtin_films import RATE, draw

            content, ending = kinds.Film(draw(number, 128)[0], RATE), "mkv"
        case _:
            content, ending = _poem(number), "txt"
    file = folder / f"{name}.{ending}"
    kinds.write(file, content)
    return file


def _draw(room: str, *how: int):
    return import_module(f"bottega.datasets.{room}").draw(*how)[0]


def _poem(number: int) -> str:
    """A poem in the language in use."""
    from bottega.datasets.builtin_texts import draw

    chinese = language() == "zh"
    for k in range(number, number + MANY):
        text = draw(k)[0]
        if any("\u4e00" <= letter <= "\u9fff" for letter in text) == chinese:
            return text
    raise AssertionError  # every few are of each language
