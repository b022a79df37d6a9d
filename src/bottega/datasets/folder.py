"""Find the works in a folder or a zip: which there are, what class and caption each has, and what was passed over.

Classes are sub-folders. Captions and labels come from ``metadata.jsonl`` or ``metadata.csv`` beside the pictures
(``file_name``, ``text`` or ``caption``, ``label``), the imagefolder convention of Hugging Face datasets; a label there
wins over the sub-folder.
"""

from pathlib import Path

from bottega.datasets.files import Entry, Skipped, folder_files, suffix_of, with_classes, zip_files
from bottega.datasets.metadata import facts_among, with_facts
from bottega.errors import DataError
from bottega.language import _
from bottega.media import image

MAX_BYTES = 256_000_000
OTHER_PICTURES = {
    *(".heic", ".heif", ".avif", ".jxl", ".jp2", ".psd", ".psb", ".xcf", ".kra", ".ora", ".svg", ".ai", ".eps"),
    *(".pdf", ".ico", ".tga", ".exr", ".hdr", ".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".raf", ".rw2"),
}


def find(source: Path) -> tuple[list[Entry], list[Skipped]]:
    """All pictures below a folder or inside a zip, sorted by name, and what was skipped.

    Hidden files are ignored, and so are files of other kinds (texts, sounds). Nothing is decoded and no zip is
    extracted.

    Raises:
        DataError: when ``source`` does not exist, cannot be opened, or is neither a folder nor a zip.
    """
    source = Path(source)
    if not source.exists():
        raise DataError(_("{path} does not exist. Give a folder of pictures, or a zip of one.").format(path=source))
    skipped: list[Skipped] = []
    zipped = not source.is_dir()
    files = list(zip_files(source, skipped) if zipped else folder_files(source, skipped, image.READ))
    entries = pictures_among(files, skipped)
    entries = with_facts(with_classes(entries, zipped), facts_among(files, skipped), skipped)
    return sorted(entries, key=lambda entry: entry.name), sorted(skipped, key=lambda skip: skip.name)


def pictures_among(files: list[Entry], skipped: list[Skipped]) -> list[Entry]:
    """The files worth opening as pictures; picture formats that cannot be read are listed rather than forgotten."""
    entries = []
    for file in files:
        suffix = suffix_of(file.name)
        if suffix in OTHER_PICTURES:
            reason = _("{format} files cannot be read; save it as PNG or JPEG").format(format=suffix[1:].upper())
        elif suffix and suffix not in image.READ:
            continue
        elif file.bytes == 0:
            reason = _("the file is empty")
        elif file.bytes > MAX_BYTES:
            reason = _("the file is larger than {limit} MB").format(limit=MAX_BYTES // 1_000_000)
        else:
            entries.append(file)
            continue
        skipped.append(Skipped(file.name, reason))
    return entries
