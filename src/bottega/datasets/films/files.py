"""The films of a folder or a zip, their classes, and how one is found on the disk."""

import re
import shutil
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bottega.datasets.files import Entry, Skipped, folder_files, suffix_of, with_classes, zip_files
from bottega.datasets.metadata import facts_among, with_facts
from bottega.datasets.texts.files import file_entry
from bottega.errors import DataError, UnreadableWork
from bottega.language import _
from bottega.media import image, video
from bottega.media.files import disk_errors, why

NUMBERED = re.compile(r"(.*?)(\d+)\D*", re.DOTALL)
FEWEST = 2  # numbered pictures that are a film
OTHER_FILMS = {
    *(".prproj", ".veg", ".drp", ".fcpbundle", ".kdenlive", ".mlt", ".aep", ".blend", ".braw", ".r3d", ".ari"),
    *(".swf", ".fla", ".rm", ".rmvb", ".vob", ".ifo", ".iso", ".insv"),
}
PLAYLISTS = {".m3u", ".m3u8", ".pls", ".xspf", ".asx", ".mpd"}
MOVING = b"acTL"  # the chunk that makes a PNG a film


@dataclass(frozen=True, slots=True)
class FilmEntry(Entry):
    """One file that should be a film, or a folder of pictures that are its frames.

    Attributes:
        pictures: the frames; empty for a file.
    """

    pictures: tuple[Entry, ...] = ()


def find_films(source: Path) -> tuple[list[FilmEntry], list[Skipped]]:
    """A film, whatever its ending, or all films below a folder or inside a zip, sorted by name.

    A folder that holds numbered pictures and no film is one film. Classes are sub-folders; hidden files and files of
    other kinds are ignored. ``metadata.jsonl`` and ``metadata.csv`` beside the films may say other classes.

    Raises:
        DataError: when ``source`` does not exist or cannot be opened.
    """
    if not source.exists():
        message = _("{path} does not exist. Give a folder of films, a zip of one, or a film.")
        raise DataError(message.format(path=source))
    zipped = not source.is_dir()
    if zipped and suffix_of(source.name) != ".zip":
        return [as_film(file_entry(source))], []
    skipped: list[Skipped] = []
    files = list(zip_files(source, skipped) if zipped else folder_files(source, skipped, video.READ))
    facts = facts_among(files, skipped)
    folders: dict[str, list[Entry]] = defaultdict(list)
    for file in files:
        folders[file.name.rpartition("/")[0]].append(file)
    entries: list[FilmEntry] = []
    for folder, inside in folders.items():
        films = [as_film(file) for file in inside if is_film(file, skipped)]
        entries += films or frames_of(folder or source.stem, inside)
    entries = with_facts(with_classes(entries, zipped), facts, skipped)  # type: ignore[assignment, arg-type]
    return sorted(entries, key=lambda entry: entry.name), sorted(skipped, key=lambda skip: skip.name)


def as_film(file: Entry) -> FilmEntry:
    """A file as a film."""
    return FilmEntry(file.name, file.open, bytes=file.bytes, stamp=file.stamp)


def is_film(file: Entry, skipped: list[Skipped]) -> bool:
    """Whether a file looks like a film; what looks like one that cannot be read goes to ``skipped``."""
    suffix = suffix_of(file.name)
    reason = ""
    if suffix in OTHER_FILMS:
        reason = _("{format} files cannot be read as films; save it as MP4").format(format=suffix[1:].upper())
    elif suffix in PLAYLISTS:
        reason = _("a playlist, which only names other files; give the films themselves")
    elif suffix in video.READ and suffix != ".png" and file.bytes == 0:
        reason = _("the file is empty")
    if reason:
        skipped.append(Skipped(file.name, reason))
        return False
    return suffix in video.READ and (suffix != ".png" or moving(file))


def moving(file: Entry) -> bool:
    """Whether a PNG holds several frames."""
    try:
        with file.open() as opened:
            return MOVING in opened.read(4096)
    except Exception:  # of a disk or a damaged zip; it is no film then
        return False


def frames_of(folder: str, files: list[Entry]) -> list[FilmEntry]:
    """The one film of a folder of numbered pictures; none where they are not numbered."""
    pictures = [file for file in files if suffix_of(file.name) in image.READ]
    numbers = [NUMBERED.fullmatch(file.name.rpartition("/")[2].rpartition(".")[0]) for file in pictures]
    if len(pictures) < FEWEST or not all(numbers):
        return []
    if len({number[1] for number in numbers if number}) > 1:
        return []  # names that differ in more than their number
    pictures.sort(key=lambda file: [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", file.name)])
    total, stamp = sum(file.bytes for file in pictures), sum(file.stamp for file in pictures)
    return [FilmEntry(folder, pictures[0].open, bytes=total, stamp=stamp, pictures=tuple(pictures))]


@contextmanager
def at_hand(entry: FilmEntry, part: Path) -> Iterator[Path]:
    """Where a film lies on the disk: itself, or its copy in ``part`` when it lies in a zip.

    Raises:
        UnreadableWork: with the reason why it cannot be read.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(entry.open())
        except OSError as error:
            raise UnreadableWork(_("it cannot be opened: {why}").format(why=why(error))) from error
        except Exception as error:  # a damaged zip fails in many ways: checksum, method, length
            raise UnreadableWork(_("it is damaged inside the zip")) from error
        if not isinstance(file, zipfile.ZipExtFile):
            yield Path(file.name).parent if entry.pictures else Path(file.name)
            return
        with disk_errors(part.parent):
            copies = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=part)))
        for number, one in enumerate(entry.pictures or (entry,)):
            unzip(one, copies / f"{number:09}{suffix_of(one.name)}", part)
        yield copies if entry.pictures else next(copies.iterdir())


def unzip(entry: Entry, path: Path, part: Path) -> None:
    """Copy a member of a zip out of it."""
    with disk_errors(part.parent):
        try:
            with entry.open() as file, open(path, "wb") as copy:
                shutil.copyfileobj(file, copy, 1 << 20)
        except OSError:
            raise
        except Exception as error:
            raise UnreadableWork(_("it is damaged inside the zip")) from error
