"""Models and works found again by the hashes in a record, wherever they lie and whatever they are called now."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path

from bottega import home
from bottega.media import kinds
from bottega.provenance import credentials, record

ENDINGS = {ending for module in kinds.MODULES.values() for ending in module.READ}
LOOKED_AT = 20_000
"""Files looked at in search of a model or a parent, at most: enough for a life's work, and an end in a home folder."""
BESIDE, LARGEST = 200, 64_000_000
"""Files beside a work, and bytes of each, that are looked at to tell its parents by their names."""


def model(wanted: str, places: Iterable[Path]) -> Path | None:
    """The folder of the model whose weights have that hash, in some folders, below them, or in the trash."""
    for place in [*places, home.trash()]:
        for weights in _below(place, {".safetensors"}):
            if weights.name == "model.safetensors" and _hash(weights) == wanted:
                return weights.parent
    return None


def of_collection(wanted: str | None, places: Iterable[Path]) -> list[str]:
    """Names of models that learned from the collection with that hash."""
    found = []
    for place in places:
        for config in _below(place, {".json"}) if wanted else ():
            with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
                if (
                    config.name == "config.json"
                    and json.loads(config.read_text("utf-8"))["facts"]["fingerprint"] == wanted
                ):
                    found.append(config.parent.name)
    return sorted({name for name in found if name != "codec"})


def works(wanted: Iterable[str], places: Iterable[Path]) -> dict[str, Path]:
    """Files, or folders of frames, with those hashes: in some folders, below them, among what was dropped on the page,
    or in the trash. A place may also be one of the files."""
    left, found = set(wanted), {}
    for place in [*places, home.dropped(), home.trash()]:
        for folder, files in groupby(_below(place, ENDINGS), key=lambda path: path.parent):
            hashes = []
            for path in files:
                if not left:
                    return found
                hashes.append(_hash(path))
                if hashes[-1] in left:
                    left.remove(hashes[-1])
                    found[hashes[-1]] = path
            if len(hashes) > 1 and (together := record.of_folder(hashes)) in left:
                left.remove(together)
                found[together] = folder
    return found


def beside(wanted: Iterable[str], file: Path) -> dict[str, str]:
    """Names of the works with those hashes that lie in the folder of a file."""
    left, found = set(wanted), {}
    with suppress(OSError):
        for path in sorted(file.parent.iterdir())[:BESIDE] if left else ():
            if path.suffix.lower() in ENDINGS and path.is_file() and path.stat().st_size <= LARGEST:
                found[_hash(path)] = path.name
    return {one: found[one] for one in left & found.keys()}


def _hash(path: Path) -> str:
    """The content hash of a file; nothing when it cannot be opened."""
    with suppress(OSError):
        return credentials.digest(path)
    return ""


def _below(place: Path, endings: set[str]) -> Iterator[Path]:
    """Files with such an ending in a folder and below, nearest first, those of one folder together."""
    if place.is_file():
        yield place
    folders, seen = [place], 0
    while folders:
        with suppress(OSError):  # a folder that may not be opened
            for path in sorted(folders.pop(0).iterdir()):
                seen += 1
                if seen > LOOKED_AT:
                    return
                if path.is_dir() and not path.is_symlink() and not path.name.startswith("."):
                    folders.append(path)
                elif path.suffix.lower() in endings and path.is_file():
                    yield path
