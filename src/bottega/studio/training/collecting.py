"""What a training may learn from: built-in collections, folders of this machine, and files dropped on the page.

Whatever the page itself brings together lies in ``BOTTEGA_HOME/collections``, a plain folder for each.
"""

import hashlib
import importlib
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from bottega import home
from bottega.errors import DataError
from bottega.language import _, later
from bottega.media.files import disk_errors
from bottega.places import plain, unused
from bottega.provenance.record import sha256

SUGGESTED = 200
"""Folders that are suggested, at most; a list that is longer helps nobody."""
DEEP, LOOKED_AT = 2, 2000
"""How deep below the home folders are looked for, and how many are looked at: a home may be a whole disk."""
LONGEST = 80
"""Letters of a dropped file's name that are kept."""


@dataclass(frozen=True)
class Builtin:
    """A collection that Bottega draws, plays or writes itself.

    Attributes:
        room: the module that writes it.
        count: of its works, enough to learn from and written in seconds.
        title: marked with ``later()``.
    """

    medium: str
    room: str
    count: int
    title: str


BUILTIN: dict[str, Builtin] = {
    "paper-cuts": Builtin("image", "builtin", 1200, later("1,200 paper cuts: birds, boats, houses, lanterns …")),
    "phrases": Builtin("audio", "builtin_sounds", 32, later("32 phrases on bells, mallets and strings, four minutes")),
    "dances": Builtin("score", "builtin_tunes", 320, later("320 tunes: dances, marches, airs and lullabies")),
    "harbour-town": Builtin("text", "builtin_texts", 1200, later("1,200 poems and small prose, English and Chinese")),
    "paper-films": Builtin("video", "builtin_films", 72, later("72 small paper animations that swing, bounce, turn")),
}


def write_builtin(name: str, on_progress: Callable[[int, int], None] | None = None) -> Path:
    """A built-in collection as a folder; one that is there already is left as it is."""
    one = BUILTIN[name]
    write = importlib.import_module(f"bottega.datasets.{one.room}").write_collection
    with disk_errors(home.collections()):
        home.collections().mkdir(parents=True, exist_ok=True)
    return write(home.collections() / name, count=one.count, on_progress=on_progress)


def folders(root: Path | None = None) -> list[str]:
    """Folders a person may mean: those just below the home and what lies in them, and the collections of this house.

    Hidden ones, links and those of Bottega itself are left out.
    """
    own = home.home().absolute()
    found = [str(folder) for folder in sorted(_inside(home.collections()))]
    waiting, looked_at = [(folder, 1) for folder in _inside(root or Path.home())], 0
    while waiting and looked_at < LOOKED_AT and len(found) < SUGGESTED:
        folder, depth = waiting.pop(0)
        looked_at += 1
        if folder.absolute() == own:
            continue
        found.append(str(folder))
        if depth < DEEP:
            waiting += [(below, depth + 1) for below in _inside(folder)]
    return found[:SUGGESTED]


def _inside(folder: Path) -> list[Path]:
    """The folders in a folder; none when it cannot be looked into."""
    try:
        with os.scandir(folder) as items:
            names = [one.name for one in items if not one.name.startswith(".") and one.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return [folder / name for name in sorted(names, key=str.casefold)]


def typed(words: str) -> Path:
    """The folder, zip or file that a person typed or pasted, with or without quotes or ``file://``.

    Raises:
        DataError: nothing was typed, or there is no such thing.
    """
    words = words.strip().strip("\"'").removeprefix("file://").strip()
    if not words:
        raise DataError(_("Give a folder of your works, drop some files, or take a built-in collection."))
    path = Path(os.path.expanduser(words))  # which leaves “~nobody” as it is
    if not os.path.exists(path):
        raise DataError(_("{path} does not exist. Give the folder that holds your works.").format(path=path))
    return path.absolute()


def dropped(files: Iterable[str | Path], name: str = "") -> Path:
    """Dropped files as a collection: a single zip or text as it is, others in one folder.

    The same files make the same collection, so what was prepared from them before is found again.

    Args:
        files: where they lie for the moment; they stay there.
        name: of the collection; the one file's when left out.

    Raises:
        DataError: there are none.
    """
    given = [Path(file) for file in files]
    if not given:
        raise DataError(_("No file arrived. Drop the works themselves, or a zip of their folder."))
    known = sorted((file.name, sha256(file), file) for file in given)
    state = hashlib.sha256(
        "".join(f"{called} {content}\n" for called, content, _file in known).encode(errors="replace")
    )
    stem = plain(name or (given[0].stem if len(given) == 1 else _("dropped works")))
    folder = home.collections() / f"{stem}-{state.hexdigest()[:8]}"
    if not folder.exists():
        with disk_errors(home.collections()):
            _together([file for _called, _content, file in known], folder)
    inside = sorted(folder.iterdir())
    alone = len(inside) == 1 and inside[0].suffix.lower() in (".zip", ".txt", ".md", ".csv", ".jsonl", ".abc")
    return inside[0] if alone else folder


def _together(files: list[Path], folder: Path) -> None:
    """All of them in the folder, or nothing; on one disk a file needs no room for a second name."""
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for file in files:
        stem = "".join(letter for letter in file.stem if letter.isprintable())[:LONGEST].lstrip(".") or "work"
        goal = unused(part / f"{stem}{file.suffix.lower()}")
        try:
            os.link(file, goal)
        except OSError:
            shutil.copyfile(file, goal)
    part.rename(folder)
