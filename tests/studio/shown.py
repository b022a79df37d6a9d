"""Works and models for the tests of what the studio shows: real files with records, in the home of the test."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bottega import home
from bottega.library import models, works
from bottega.library.works import Entry
from bottega.media import kinds
from bottega.media.audio import Sound
from bottega.provenance import record

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

EVIL = '<img src=x onerror="alert(1)">'
TEXT = "The sea was grey.\nThe boat was red."


def picture(number: int, side: int = 24) -> np.ndarray:
    """A picture unlike that of any other number."""
    pixels = np.zeros((side, side, 3), np.uint8)
    pixels[:, :, 0], pixels[: side // 2, :, 1], pixels[number % side] = number % 251, number // 251, 200
    return pixels


def work(name: str, content: Any, operation: str = "generate", **more: Any) -> Entry:
    """A work with its record, in the library."""
    path = home.works() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    kinds.write(path, content, record.made(operation, **more))
    return works.note(path)


def one_of_each() -> dict[str, Entry]:
    """A picture and one made from it, a text with HTML in it, and a sound."""
    first = work("flowers/1.png", picture(1), seed=7, index=0, n=1, controls={"guidance": 2.0})
    wave = np.sin(np.arange(8000) / 20).astype(np.float32)[None]
    return {
        "picture": first,
        "child": work("flowers/2.png", picture(2, 48), "vary", parents=(first.hash,), seed=3, settings={"count": 1}),
        "text": work("poems/1.md", f"{TEXT}\n{EVIL}", seed=1, index=0, n=1, asked=EVIL, controls={"prompt": EVIL}),
        "sound": work("waves/1.wav", Sound(wave * 0.3, 16000), "waves", seed=1, settings={}),
    }


def model(name: str = "flowers", **more: Any) -> models.ModelEntry:
    """The folder of a model as the library reads it, in the library; its weights are a few bytes of their own."""
    folder = home.models() / name
    (folder / "training").mkdir(parents=True)
    (folder / "training" / "source.json").write_text(json.dumps({"source": "/home/ada/flowers"}))
    (folder / "model.safetensors").write_bytes(name.encode())
    facts = {
        "works": {"train": 270, "held_out": 30},
        "minutes": 1.5,
        "steps": 60,
        "machine": "Linux",
        "fingerprint": "f" * 64,
    }
    recipe = {"name": "gan", "medium": "image"} | more.pop("recipe", {})
    config = {"schema": 1, "recipe": recipe, "facts": facts, "classes": ["rose", EVIL], **more}
    (folder / "config.json").write_text(json.dumps(config))
    kinds.write(folder / "samples.png", picture(3, 64))
    return models.note(folder)


def readme(entry: models.ModelEntry, text: str) -> None:
    """The card of a model."""
    (Path(entry.path) / "README.md").write_text(text, encoding="utf-8")


def addresses() -> "TestClient":
    """What the scripts of the Gallery and of the Models room ask; the guard before it has tests of its own."""
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from bottega.studio.gallery import room as gallery
    from bottega.studio.gallery import shelf

    house = FastAPI()
    house.include_router(gallery.routes)
    house.include_router(shelf.routes)
    return TestClient(house, raise_server_exceptions=False)
