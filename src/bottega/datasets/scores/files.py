"""The scores of a folder or a zip, and the tunes in one file."""

from collections.abc import Iterator
from pathlib import Path

from bottega.datasets.files import Entry, Skipped, folder_files, suffix_of, with_classes, zip_files
from bottega.datasets.metadata import facts_among, is_metadata, with_facts
from bottega.datasets.texts.files import file_entry
from bottega.errors import DataError, UnreadableWork
from bottega.language import _
from bottega.media import score
from bottega.media.files import why
from bottega.media.score import MAX_BYTES, Score

OTHER_SCORES = {
    *(".xml", ".musicxml", ".mxl", ".mscz", ".mscx", ".sib", ".musx", ".mus", ".ly", ".krn", ".mei", ".cap", ".capx"),
    *(".gp", ".gp3", ".gp4", ".gp5", ".gpx", ".ptb", ".rmi", ".xmf", ".mod", ".xm", ".it", ".s3m"),
}


def find_scores(source: Path) -> tuple[list[Entry], list[Skipped]]:
    """A score, whatever its ending, or all scores below a folder or inside a zip, sorted by name; what was skipped.

    Hidden files are ignored, and so are files of other kinds. Sub-folders are classes; ``metadata.jsonl`` and
    ``metadata.csv`` beside the scores may say others, and moods.

    Raises:
        DataError: when ``source`` does not exist or cannot be opened.
    """
    if not source.exists():
        message = _("{path} does not exist. Give a folder of MIDI or ABC files, a zip of one, or a book of ABC tunes.")
        raise DataError(message.format(path=source))
    if not source.is_dir() and suffix_of(source.name) != ".zip":
        return [file_entry(source)], []
    skipped: list[Skipped] = []
    zipped = not source.is_dir()
    files = list(zip_files(source, skipped) if zipped else folder_files(source, skipped, score.READ))
    facts = facts_among(files, skipped)
    entries = []
    for file in files:
        suffix = suffix_of(file.name)
        if suffix in OTHER_SCORES and not is_metadata(file):
            reason = _("{format} files cannot be read; export it as MIDI").format(format=suffix[1:].upper())
        elif suffix not in score.READ:
            continue
        elif file.bytes == 0:
            reason = _("the file is empty")
        elif file.bytes > MAX_BYTES:
            reason = _("the file is larger than {limit} MB").format(limit=MAX_BYTES // 1_000_000)
        else:
            entries.append(file)
            continue
        skipped.append(Skipped(file.name, reason))
    entries = with_facts(with_classes(entries, zipped), facts, skipped)
    return sorted(entries, key=lambda entry: entry.name), sorted(skipped, key=lambda skip: skip.name)


def tunes_of(entry: Entry) -> "Iterator[tuple[str, Score | UnreadableWork]]":
    """(name, score) of each tune of a file, the name with its number and title in a book; or why it cannot be read."""
    try:
        with entry.open() as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        yield entry.name, UnreadableWork(_("it cannot be opened: {why}").format(why=why(error)))
        return
    except Exception:  # a damaged zip fails in many ways: checksum, method, length
        yield entry.name, UnreadableWork(_("it is damaged inside the zip"))
        return
    for name, work in score.works(data):
        yield f"{entry.name}:{name}" if name else entry.name, work
