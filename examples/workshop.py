"""Fills a home with the works of an artist who does not exist, by the commands that anybody would type.

    python examples/workshop.py my-workshop [--minutes 6]
    BOTTEGA_HOME=my-workshop bottega studio

The originals are drawn, written, composed and played by Bottega's own grammars; small models learn from them, and
everything in the library comes of it. What is there already is not made anew.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

SIDE = 448
DRAWINGS = {  # names and their numbers in the built-in collection
    "swallows": 40,
    "heron": 56,
    "little owl": 104,
    "red sail": 49,
    "harbour steamer": 89,
    "houses at night": 116,
    "shoal": 106,
    "two goldfish": 26,
    "poppies": 99,
    "paper lanterns": 21,
    "tiger mask": 14,
    "morning mountain": 111,
}
FILMS = {"waves": 7, "balls": 0}
MODELS = {"paper cuts": 1.0, "tunes": 0.4, "harbour poems": 0.6}
"""Names of the collections and the share of the minutes that a model of each learns."""


@dataclass(frozen=True)
class Making:
    """One command, and what its artist says about the work that comes of it.

    Attributes:
        words: as typed after ``bottega``; ``@name`` is an original, ``%name`` the work of an earlier command.
        title: what the first work is called.
        keeps: under what name later commands find it.
    """

    words: tuple[str, ...]
    title: str = ""
    stars: int = 0
    tags: tuple[str, ...] = field(default_factory=tuple)
    keeps: str = ""


def edit(operation: str, *words: str, **said: object) -> Making:
    """A change."""
    return Making(("edit", operation, *words), **said)  # type: ignore[arg-type]


def new(model: str, *words: str, **said: object) -> Making:
    """New works of a model."""
    return Making(("generate", model.replace(" ", "-"), *words), **said)  # type: ignore[arg-type]


MAKINGS = (
    new("paper cuts", "-n", "6", "--class", "birds", "--seed", "3", title="New birds", stars=3, tags=("sketches",)),
    new("paper cuts", "-n", "6", "--class", "masks", "--seed", "5", stars=2, tags=("sketches",)),
    new("paper cuts", "-n", "4", "--class", "lanterns", "--seed", "9"),
    edit("vary", "@shoal.png", "--distance", "0.5", "-n", "3", title="Shoal, again", stars=4, tags=("sea",)),
    edit("vary", "@swallows.png", "--distance", "0.35", "-n", "2", title="More swallows", stars=5, tags=("spring",)),
    edit("extend", "@red sail.png", "--left", "190", title="Out at sea", stars=5, tags=("sea",), keeps="sea"),
    edit("retarget", "@houses at night.png", "--size", "2:1", title="The whole street", stars=4, tags=("town",)),
    edit("tile", "@poppies.png", title="Poppy wallpaper", stars=5, tags=("patterns", "spring")),
    edit("tile", "@two goldfish.png", title="Goldfish paper", stars=3, tags=("patterns", "sea")),
    edit("style", "@heron.png", "@paper lanterns.png", title="Heron in pink", stars=4, tags=("spring",)),
    edit("inpaint", "@harbour steamer.png", "--area", "0,0,180x140", title="No smoke today", stars=3, tags=("sea",)),
    edit("collage", "@little owl.png", "@tiger mask.png", "@paper lanterns.png", title="Carnival", tags=("town",)),
    edit("vary", "%sea", "--distance", "0.6", "-n", "2", title="Out at sea, later", stars=4, tags=("sea",)),
    edit("stretch", "@evening bells.wav", "--factor", "1.5", title="Slow bells", stars=4, tags=("calm",)),
    edit("pitch", "@plucked.wav", "--semitones", "-5", title="Plucked, lower", stars=3),
    new("tunes", "-n", "3", "--class", "waltz", "--seed", "2", title="Waltz for the ferry", stars=5, tags=("town",)),
    new("tunes", "-n", "2", "--class", "jig", "--seed", "4", title="Jig", stars=3),
    new("harbour poems", "-n", "2", "--class", "haiku", "--form", "haiku", title="Two haiku", stars=4, tags=("sea",)),
    new("harbour poems", "-n", "2", "--class", "wujue", "--form", "quatrain5", title="五言两首", stars=5, tags=("诗",)),
    edit("texture", "@waves.mp4", title="Endless waves", stars=5, tags=("sea",)),
    edit("slow", "@balls.mp4", title="Slow motion", stars=3),
    edit("walk", "--model", "paper-cuts", "--seconds", "4", "--loop", title="A walk through the cuts", stars=4),
)


def draw(folder: Path) -> None:
    """The originals: collections to learn from, and single works to change."""
    from bottega.datasets import builtin, builtin_films, builtin_sounds, builtin_texts, builtin_tunes
    from bottega.media import audio, image, video

    builtin.write_collection(folder / "paper cuts", 1600)
    builtin_texts.write_collection(folder / "harbour poems", 800)
    builtin_tunes.write_collection(folder / "tunes", 240)
    for name, number in DRAWINGS.items():
        if not (file := folder / f"{name}.png").exists():
            image.write(file, builtin.draw(number, SIDE)[0])
    for name, number in FILMS.items():
        if not (file := folder / f"{name}.mp4").exists():
            video.write(file, video.Film(builtin_films.draw(number, 256)[0], builtin_films.RATE))
    for name, number in {"evening bells": 0, "plucked": 2}.items():
        if not (file := folder / f"{name}.wav").exists():
            audio.write(file, builtin_sounds.draw(number)[0])


def bottega(home: Path, words: Sequence[str]) -> str:
    """Run a command in this home; what it printed."""
    print("bottega", *words, flush=True)
    environment = os.environ | {"BOTTEGA_HOME": str(home), "BOTTEGA_LANGUAGE": "en"}
    command = [sys.executable, "-m", "bottega", *words]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def fill(home: Path, minutes: float) -> None:
    """Everything: originals, models, works, and what the artist says of them."""
    home, originals = home.resolve(), home.resolve().with_name(f"{home.name} originals")
    draw(originals)
    for name, share in MODELS.items():
        folder = home / "models" / name.replace(" ", "-")
        if not (folder / "config.json").exists():
            bottega(home, ["train", str(originals / name), "--to", str(folder), "--minutes", f"{minutes * share:g}"])
            bottega(home, ["evaluate", str(folder)])
    told = home / "workshop.json"  # what is made already, and where
    made: dict[str, list[str]] = json.loads(told.read_text()) if told.exists() else {}
    kept: dict[str, str] = {}
    for making in MAKINGS:
        words = [_file(word, originals, kept) for word in making.words]
        line = " ".join(making.words)
        if line not in made:
            made[line] = json.loads(bottega(home, [*words, "--json"]))["works"]
            told.write_text(json.dumps(made))
            for number, work in enumerate(made[line]):
                _say(home, work, making, number)
        kept[making.keeps] = made[line][0]


def _file(word: str, originals: Path, kept: dict[str, str]) -> str:
    """The file that a word of a command means."""
    if word.startswith("@"):
        return str(originals / word[1:])
    return kept[word[1:]] if word.startswith("%") else word


def _say(home: Path, work: str, making: Making, number: int) -> None:
    """Title, stars and tags; only the first of several works is given all its stars."""
    if making.title:
        bottega(home, ["library", "name", work, making.title + (f" {number + 1}" if number else "")])
    if stars := max(0, making.stars - number):
        bottega(home, ["library", "rate", work, str(stars)])
    if making.tags:
        bottega(home, ["library", "tag", work, *making.tags])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--minutes", type=float, default=6, help="of training for the pictures; the others take less")
    chosen = parser.parse_args()
    fill(chosen.home, chosen.minutes)
