"""Whether every work can be made again bit for bit: one of every operation and of every recipe that makes works.

``python -m benchmarks remakes [FOLDER] [--only WORD …] [--threads 3]``: draws small works, trains every recipe for a
few steps, and makes one work of each; all that is kept in FOLDER (``remakes`` in the cache of BOTTEGA_HOME by default)
and only made where it is missing. Then another process, with another number of threads, makes each work again from its
record alone and compares the files, byte for byte.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import bottega
from bottega import home, origins
from bottega.datasets import builtin, builtin_films, builtin_sounds, builtin_texts, builtin_tunes
from bottega.editing import OPERATIONS
from bottega.errors import BottegaError
from bottega.media import audio, image
from bottega.recipes.recipe import load, names

STEPS = 3
RATE = 8000  # of sounds, in Hz
SAID = "The ___ is on the sea, and the moon is far."


@dataclass(frozen=True)
class Case:
    """One way of making a work.

    Attributes:
        medium, operation: of ``bottega edit``; or ``"generate"``.
        works: names of works, or words.
        model: the recipe of its model.
        settings: of the operation, and files by the names of its inputs that are options.
        ending: of the file.
        number: which of several works is made again; the last one usually.
    """

    medium: str
    operation: str
    works: tuple[str, ...] = ()
    model: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    ending: str = ""
    number: int = -1

    @property
    def name(self) -> str:
        """What the folder of its work is called."""
        more = "".join(f"-{word}" for word in self.settings if word not in ("size", "effort", "seconds"))
        return f"{self.medium}-{self.operation}{f'-{self.model}' if self.model else ''}{more}{self.ending}"


def generating() -> Iterator[Case]:
    """A work of each recipe, and of those that have more to ask for."""
    asked: dict[str, dict[str, Any]] = {"image": {"label": "birds"}, "score": {"bars": 2}, "text": {"length": 20}}
    for name in names():
        recipe = load(name)
        if name not in MAKES_NONE:
            yield Case(recipe.medium, "generate", model=name, settings=asked.get(recipe.medium, {}))
    yield Case("image", "generate", model="flow", settings={"finish": 48, "steps": 2})
    yield Case("score", "generate", model="tune-rnn", settings={"mood": "0.8,-0.2", "bars": 1, "temperature": 0.9})
    yield Case("text", "generate", model="gpt", settings={"prompt": "The sea", "length": 12, "novel": True})
    yield Case("audio", "generate", model="audio-flow", settings={"seconds": 1.5, "guidance": 1.5})
    yield Case("video", "generate", model="video-flow", settings={"loop": True, "seconds": 1.0})


MAKES_NONE = {"classifier", "audio-frames", "audio-vae", "video-vae", "seq2seq"}
"""Recipes of models that make no works of their own."""

EDITS = (
    Case("image", "vary", ("a.png",), settings={"count": 2, "size": "40x40"}, number=0),
    Case("image", "retarget", ("a.png",), settings={"size": "48x32"}, ending=".jpg"),
    Case("image", "tile", ("clear.png",), ending=".webp"),
    Case("image", "collage", ("a.png", "b.png"), settings={"weights": "2,1"}),
    Case("image", "analogy", ("a.png", "b.png", "c.png")),
    Case("image", "inpaint", ("a.png",), settings={"mask": "mask.png"}),
    Case("image", "inpaint", ("a.png",), "flow", {"area": "8,8,10x10"}),
    Case("image", "extend", ("a.png",), settings={"left": 8}),
    Case("image", "upscale", ("a.png", "b.png"), settings={"factor": 2.0}),
    Case("image", "style", ("a.png", "b.png"), settings={"effort": 0.1}),
    Case("image", "style", ("a.png", "b.png"), "classifier", {"effort": 0.1, "mask": "mask.png"}),
    Case("image", "dream", ("a.png",), "classifier", {"octaves": 2, "steps": 2}),
    Case("image", "reconstruct", ("a.png",), "vae"),
    Case("image", "interpolate", ("a.png", "b.png"), "vae", {"count": 4}),
    Case("image", "interpolate", (), "gan", {"count": 3, "stops": 2, "form": "strip"}),
    Case("image", "walk", (), "gan", {"seconds": 1.0, "fps": 8, "music": "a.wav"}),
    Case("image", "walk", ("a.png",), "flow", {"seconds": 0.5, "fps": 4, "loop": True}, ".webm"),
    Case("image", "mix", ("a.png", "b.png"), "vae"),
    Case("image", "variations", ("a.png",), "flow", {"count": 2}),
    Case("image", "colorize", ("a.png",), "flow"),
    Case("image", "denoise", ("a.png",), "flow"),
    Case("image", "animate", ("a.png",), settings={"motion": "a.mkv", "seconds": 0.5}, ending=".gif"),
    Case("audio", "repair", ("a.wav",), settings={"at": "0.2-0.25", "noise": True}),
    Case("audio", "stretch", ("a.wav",), ending=".flac"),
    Case("audio", "pitch", ("a.wav",), ending=".ogg"),
    Case("audio", "continue", ("a.wav",), "audio-rnn", {"seconds": 1.0, "count": 2}, ".mp3"),
    Case("audio", "inpaint", ("a.wav",), "audio-flow", {"start": 0.3, "end": 0.6}),
    Case("audio", "vary", ("a.wav",), "audio-flow"),
    Case("audio", "morph", ("a.wav", "b.wav"), "audio-flow", {"steps": 3}, number=1),
    Case("audio", "transfer", ("a.mid",), "audio-flow"),
    Case("score", "continue", ("a.mid",), "tune-rnn", {"bars": 1}),
    Case("score", "infill", ("a.mid",), "tune-transformer", {"first": 2, "tries": 2, "count": 2}),
    Case("score", "harmonize", ("a.mid",), "tune-transformer", {"tries": 2}),
    Case("score", "re-mood", ("a.mid",), settings={"mood": "0.7,-0.4"}),
    Case("score", "re-mood", ("a.mid",), "tune-transformer", {"mood": "-0.7,0.4", "tries": 2}),
    Case("text", "continue", ("The sea is",), "gpt", {"length": 12}),
    Case("text", "continue", ("a.md",), "rnn", {"length": 12, "count": 2}),
    Case("text", "infill", (SAID,), "gpt-small", {"tries": 2, "length": 6}),
    Case("text", "rewrite", ("a.md",), "seq2seq", {"count": 2}),
    Case("text", "translate", ("a.md", "The moon is red."), "seq2seq-pairs"),
    Case("text", "morph", ("The moon is red.", "a.md"), "rnn-vae", {"steps": 3}),
    Case("video", "texture", ("a.mkv",), settings={"seconds": 1.0}),
    Case("video", "vary", ("a.mkv",), settings={"count": 2}, ending=".webm"),
    Case("video", "retarget", ("a.mkv",), settings={"size": "40x32"}, ending=".mkv"),
    Case("video", "inpaint", ("a.mkv",), settings={"mask": "mask.png"}),
    Case("video", "stylize", ("a.mkv", "b.png"), settings={"effort": 0.1, "keyframes": 1}),
    Case("video", "interpolate", ("frames",), ending=".webp"),
    Case("video", "slow", ("a.mkv",), ending=".gif"),
    Case("video", "upscale", ("a.mkv",), settings={"factor": 2.0}),
    Case("video", "continue", ("a.mkv",), "frame-rnn", {"seconds": 0.5}),
    Case("video", "infill", ("a.mkv", "b.mkv"), "video-flow", {"seconds": 0.5}),
    Case("video", "loop", ("a.mkv",), "video-flow", {"seconds": 0.5, "count": 2}),
)  # fmt: skip
"""A work of every operation, by way of options, masks, words, several works, models and every kind of file."""


def collections(folder: Path) -> None:
    """A few works of each medium to learn from, all drawn by code; and some of them by short names to change."""
    builtin.write_collection(folder / "image", count=48, size=32)
    builtin_sounds.write_strokes(folder / "strokes", count=8)
    builtin_sounds.write_collection(folder / "audio", count=4)
    builtin_tunes.write_collection(folder / "score", count=12)
    builtin_texts.write_collection(folder / "text", count=120)
    builtin_films.write_collection(folder / "video", count=8, size=32)
    rows = [builtin_texts.draw(number)[0].split("\n")[0] for number in range(120)]
    pairs = [{"text": row, "answer": row.upper()} for row in rows]
    (folder / "pairs.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs), encoding="utf-8")
    works = folder / "works"
    if works.exists():
        return
    works.mkdir()
    for source, ending, letters in (("image", "png", "abc"), ("video", "mkv", "ab"), ("score", "mid", "a")):
        for letter, file in zip(letters, sorted((folder / source).rglob(f"*.{ending}")), strict=False):
            shutil.copyfile(file, works / f"{letter}.{ending}")
    for letter, file in zip("ab", sorted((folder / "audio").rglob("*.wav")), strict=False):
        sound = audio.read(file)
        audio.write(works / f"{letter}.wav", replace(sound, samples=sound.samples[:, : round(1.5 * sound.rate)]))
    (works / "a.md").write_text("The moon is on the sea.\nThe wind is in the tree.\n", encoding="utf-8")
    mask = image.read(works / "a.png", alpha=True)
    mask[:] = 255
    mask[10:20, 8:24] = 0
    image.write(works / "clear.png", image.read(works / "a.png", alpha=True) * (mask > 0))
    image.write(works / "mask.png", 255 - mask[..., :3])
    for number, file in enumerate(sorted((folder / "image").rglob("*.png"))[:4]):
        (works / "frames").mkdir(exist_ok=True)
        shutil.copyfile(file, works / "frames" / f"{number}.png")


SMALL = {"size": (32, 32)}
PREPARED: dict[str, dict[str, Any]] = {"image": SMALL, "audio": {"rate": RATE}, "video": SMALL}


def model(name: str, folder: Path) -> Path:
    """A model that has hardly learned anything; ``seq2seq-pairs`` has learned from pairs of texts."""
    recipe, pairs = name.removesuffix("-pairs"), name.endswith("-pairs")
    place, medium = home.models() / name, load(recipe).medium
    if not (place / "config.json").exists():
        source = folder / ("strokes" if recipe in ("wavegan", "wavenet") else medium)
        more = {"column": "text", "target": "answer"} if pairs else PREPARED.get(medium, {})
        source = folder / "pairs.jsonl" if pairs else source
        bottega.train(source, recipe=recipe, to=place, steps=STEPS, settings={"training.batch": "4"}, **more)
    return place


def make(case: Case, folder: Path) -> Path:
    """The work of a case."""
    goal = folder / "made" / case.name
    if not goal.exists():
        part = goal.with_name(f".{goal.name}")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        used = model(case.model, folder) if case.model else None
        place = folder / "works"
        given = {word: place / one if (place / str(one)).exists() else one for word, one in case.settings.items()}
        if case.operation == "generate":
            *files, _sheet = bottega.generate(used, 2, to=part, seed=4, works=folder / case.medium, **given)
        else:
            works = [place / one if (place / one).exists() else one for one in case.works]
            to = part / f"work{case.ending}" if case.ending else part
            files = bottega.edit(case.operation, *works, to=to, seed=4, model=used, **given).files
        (part / "which").write_text(files[case.number].name)
        part.rename(goal)
    return goal / (goal / "which").read_text()


def again(cases: list[Case], folder: Path) -> list[tuple[Case, float, str]]:
    """Each work made again from its record: the case, the seconds it took, and why it is not the same."""
    found = []
    for case in cases:
        began = time.perf_counter()
        try:
            file = make(case, folder)
            places = [folder / "works", folder / case.medium, folder / "pairs.jsonl"]
            made = origins.remake(file, to=folder / "again" / f"{case.name}{file.suffix}", look_in=places)
            why = " ".join(made.why) if made.why or not made.same else ""
            if not why and made.file.read_bytes() != file.read_bytes():
                why = "the files differ"
            made.file.unlink()
        except BottegaError as error:
            why = str(error)
        found.append((case, time.perf_counter() - began, why))
        print(f"{case.name:48} {found[-1][1]:6.1f} s  {why or 'the same'}", flush=True)
    return found


def cases() -> list[Case]:
    """All of them. Raises AssertionError when an operation is there that none of them tries."""
    tried = {(case.medium, case.operation) for case in EDITS}
    there = {(medium, name) for medium, operations in OPERATIONS.items() for name in operations}
    assert tried == there, f"not tried: {there - tried}; not there: {tried - there}"
    return [*generating(), *EDITS]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?", default=home.cache() / "remakes")
    parser.add_argument("--only", nargs="*", default=[""])
    parser.add_argument("--threads", type=int, default=3)
    parser.add_argument("--again", action="store_true")
    arguments = parser.parse_args()
    os.environ["BOTTEGA_HOME"] = str(arguments.folder / "home")
    chosen = [case for case in cases() if any(word in case.name for word in arguments.only)]
    if arguments.again:
        found = again(chosen, arguments.folder)
        same = sum(not why for _case, _seconds, why in found)
        print(f"\n{same} of {len(found)} works made again are the same files, byte for byte.")
        sys.exit(same < len(found))
    collections(arguments.folder)
    for case in chosen:
        began = time.perf_counter()
        try:
            make(case, arguments.folder)
        except BottegaError as error:
            print(f"{case.name}: {error}", flush=True)
        print(f"made {case.name} in {time.perf_counter() - began:.1f} s", flush=True)
    command = [sys.executable, __file__, str(arguments.folder), "--again", "--only", *arguments.only]
    subprocess.run(command, check=True, env=os.environ | {"OMP_NUM_THREADS": str(arguments.threads)})


if __name__ == "__main__":
    main()
