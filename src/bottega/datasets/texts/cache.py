"""The files of prepared texts: ``texts.utf8``, the works one behind the other, and ``rows.bin``, where each one is."""

import hashlib
import os
import weakref
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from bottega.datasets.texts.alike import HASHES, sketches
from bottega.datasets.texts.works import Work
from bottega.errors import DataError
from bottega.language import _
from bottega.media.files import disk_errors

TEXTS, ROWS, SKETCHES = "texts.utf8", "rows.bin", "sketches.bin"
BATCH = 1 << 18  # characters that are written and sketched at once
MOST_CLASSES = 1_000
ROW = np.dtype(
    [
        *(("begin", "<i8"), ("end", "<i8"), ("target_end", "<i8")),  # a target stands behind its source
        *(("characters", "<i4"), ("file", "<i4"), ("line", "<i4"), ("label", "<i4")),
        *(("valence", "<f4"), ("arousal", "<f4"), ("side", "u1"), ("goes_on", "?")),
    ]
)
SKETCH = np.dtype([("digest", "S16"), ("hashes", "<u4", (HASHES,))])


def trimmed(text: str) -> str:
    """A work without the blank lines around it; the first line keeps its indentation."""
    lines = text.rstrip()
    return lines[lines.rfind("\n", 0, len(lines) - len(lines.lstrip())) + 1 :]


class TextFile:
    """A file of UTF-8 of which stretches are read; what is not asked for is not in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self.file)

    def __call__(self, begin: int, end: int) -> str:
        """The text from byte ``begin`` to byte ``end``. Raises DataError when the file was cut since it was opened."""
        return self.bytes(begin, end).decode()

    def bytes(self, begin: int, end: int) -> bytes:
        """The bytes from ``begin`` to ``end``. Raises DataError when the file was cut since it was opened."""
        content = os.pread(self.file, int(end - begin), int(begin))
        if len(content) != end - begin:
            raise DataError(_("{path} is damaged. Start again: it will be made anew.").format(path=self.path))
        return content


class Writer:
    """Writes works as they come, some at a time, with a row and a sketch for each."""

    def __init__(self, part: Path) -> None:
        self.part = part
        self.labels: dict[str, int] = {}
        self.place = 0
        self.waiting: list[tuple[Work, int]] = []
        self.size = 0

    def write(self, works: Iterable[tuple[Work, int]]) -> tuple[np.ndarray, np.ndarray]:
        """Write all works, each with the number of its file.

        Returns:
            ``(N,)`` of ``ROW``, and ``(N,)`` of ``SKETCH``, which lies in a file that may be removed.
        """
        for name in (TEXTS, ROWS, SKETCHES):
            (self.part / name).touch()
        for work in works:
            self.waiting.append(work)
            self.size += len(work[0].text)
            if self.size > BATCH:
                self.flush()
        self.flush()
        rows = np.fromfile(self.part / ROWS, ROW)
        if not len(rows):
            return rows, np.empty(0, SKETCH)
        return rows, np.memmap(self.part / SKETCHES, SKETCH, "r")

    def label(self, name: str | None) -> int:
        """A number for a label; -1 for none."""
        if name is None:
            return -1
        if len(self.labels) >= MOST_CLASSES and name not in self.labels:
            message = _("There are more than {most:,} classes: name another column of labels, or none.")
            raise DataError(message.format(most=MOST_CLASSES))
        return self.labels.setdefault(name, len(self.labels))

    def flush(self) -> None:
        """Write the works that wait."""
        if not self.waiting:
            return
        rows, pieces, digests = [], [], []
        for work, file in self.waiting:
            text, target = work.text.encode(), (work.target or "").encode()
            begin, middle = self.place, self.place + len(text)
            self.place = middle + len(target)
            place = (begin, middle, self.place, len(work.text), file, work.line, self.label(work.label))
            rows.append((*place, *(work.mood or (np.nan, np.nan)), 0, work.goes_on))
            pieces += [text, target]
            content = trimmed(work.text).encode() + b"\0" + target
            digests.append(hashlib.blake2b(content, digest_size=16).digest())
        sketched = np.empty(len(rows), SKETCH)
        sketched["digest"] = digests
        sketched["hashes"] = sketches([work.text for work, _file in self.waiting])
        for name, content in (
            (TEXTS, b"".join(pieces)), (ROWS, np.array(rows, ROW).tobytes()), (SKETCHES, sketched.tobytes())
        ):  # fmt: skip
            with disk_errors(self.part.parent), open(self.part / name, "ab") as file:
                file.write(content)
        self.waiting, self.size = [], 0
