"""The sounds of a folder or a zip, their classes, and how one is opened."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from bottega.datasets.files import Entry, Skipped, folder_files, suffix_of, with_classes, zip_files
from bottega.datasets.metadata import facts_among, is_metadata, with_facts
from bottega.datasets.texts.files import file_entry
from bottega.errors import DataError, UnreadableWork
from bottega.language import _
from bottega.media import audio
from bottega.media.files import disk_errors, why

CLASS_FROM = ("folder", "name")
OTHER_SOUNDS = {
    *(".mid", ".midi", ".als", ".flp", ".logicx", ".ptx", ".rpp", ".aup", ".aup3", ".band", ".cpr", ".dsf", ".dff"),
    *(".ra", ".rm", ".spx", ".mpc", ".tta", ".dts", ".ac3"),
}
PLAYLISTS = {".m3u", ".m3u8", ".pls", ".xspf", ".asx", ".cue"}


def find_sounds(source: Path, class_from: str = "folder") -> tuple[list[Entry], list[Skipped]]:
    """A sound, whatever its ending, or all sounds and videos below a folder or inside a zip, sorted by name.

    Hidden files are ignored, and so are files of other kinds (pictures, texts). Classes are sub-folders, or what stands
    before the first ``_`` of a name; ``metadata.jsonl`` and ``metadata.csv`` beside the sounds may say others.

    Returns:
        The files, and what was skipped.

    Raises:
        DataError: when ``source`` does not exist or cannot be opened.
    """
    if not source.exists():
        message = _("{path} does not exist. Give a folder of recordings, a zip of one, or a recording.")
        raise DataError(message.format(path=source))
    if not source.is_dir() and suffix_of(source.name) != ".zip":
        return [file_entry(source)], []
    skipped: list[Skipped] = []
    zipped = not source.is_dir()
    files = list(zip_files(source, skipped) if zipped else folder_files(source, skipped, audio.READ))
    facts = facts_among(files, skipped)
    entries = []
    for file in files:
        suffix = suffix_of(file.name)
        if suffix in OTHER_SOUNDS:
            reason = _("{format} files cannot be read as sounds; save it as WAV or FLAC")
            skipped.append(Skipped(file.name, reason.format(format=suffix[1:].upper())))
        elif suffix in PLAYLISTS:
            reason = _("a playlist, which only names other files; give the sound files themselves")
            skipped.append(Skipped(file.name, reason))
        elif suffix in audio.READ and file.bytes == 0:
            skipped.append(Skipped(file.name, _("the file is empty")))
        elif suffix in audio.READ and not is_metadata(file):
            entries.append(file)
    entries = with_classes(entries, zipped) if class_from == "folder" else [with_name(entry) for entry in entries]
    entries = with_facts(entries, facts, skipped)
    return sorted(entries, key=lambda entry: entry.name), sorted(skipped, key=lambda skip: skip.name)


def with_name(entry: Entry) -> Entry:
    """Labelled with what stands before the first ``_`` of the name, as in ``7_jackson_12.wav``."""
    label, mark, _rest = entry.name.rpartition("/")[2].partition("_")
    return replace(entry, label=label if mark and label else None)


@contextmanager
def at_hand(entry: Entry, part: Path) -> Iterator[BinaryIO]:
    """A file that can seek fast: itself, or its copy in ``part`` when it lies in a zip.

    Raises:
        UnreadableWork: with the reason why it cannot be read.
    """
    try:
        file = entry.open()
    except OSError as error:
        raise UnreadableWork(_("it cannot be opened: {why}").format(why=why(error))) from error
    except Exception as error:  # a damaged zip fails in many ways: checksum, method, length
        raise UnreadableWork(_("it is damaged inside the zip")) from error
    with file:
        if not isinstance(file, zipfile.ZipExtFile):
            yield file
            return
        with disk_errors(part.parent):
            copy = tempfile.TemporaryFile(dir=part)  # noqa: SIM115
        with copy:
            with disk_errors(part.parent):
                try:
                    shutil.copyfileobj(file, copy, 1 << 20)
                except OSError:
                    raise
                except Exception as error:
                    raise UnreadableWork(_("it is damaged inside the zip")) from error
            copy.seek(0)
            yield copy
