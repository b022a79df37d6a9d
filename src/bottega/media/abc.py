"""Tunes written in ABC, as MIDI: a book of them is parted here, and each one is read by the program abc2midi.

The program comes with symusic. It is given one tune at a time, in a process of its own that may not last long, since
it was written for files of good faith. It also knows nothing of upbeats: the first bar of a tune is given to it a
second time, alone, to learn how long that is.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bottega.errors import UnreadableWork
from bottega.language import _
from bottega.media import encodings
from bottega.media.files import why

MOST_TUNES = 20_000
LONGEST = 100_000  # characters of one tune
SECONDS = 10  # for one tune, which takes milliseconds
MOST_ERRORS = 8  # in a tune that is used all the same: the program goes on after an error, with less than was written
START = re.compile(r"^X:", re.MULTILINE)
HEADING = re.compile(r"^(?:[A-WYZa-z]:|%%).*$", re.MULTILINE)
FIELDS = re.compile(rb"^(?:X:|K:)", re.MULTILINE)
TITLE = re.compile(r"^T:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
KEY = re.compile(r"^K:.*$", re.MULTILINE)
PARTS = re.compile(r"^P:.*\n?", re.MULTILINE)
OTHER_FILES = re.compile(r"^[ \t]*(?:%%|I:)[ \t]*abc-include.*\n?", re.MULTILINE | re.IGNORECASE)
ERROR = re.compile(r"^Error in line-char (\d+)-\d+ :\s*(.*)$", re.MULTILINE)
MUSIC = re.compile(
    r'"[^"\n]*"|![^!\n]*!|\[[A-Za-z]:[^\]\n]*\]|%.*$|^[A-Za-z+]:.*$|(?P<bar>\|)|(?P<note>[A-Ga-gzxZX])', re.MULTILINE
)


def looks_like(data: bytes) -> bool:
    """Whether some bytes could be ABC: a line that begins a tune or names a key."""
    return b"\0" not in data[:4096] and FIELDS.search(data.replace(b"\r", b"\n")) is not None


def tunes(data: bytes) -> Iterator[tuple[str, tuple[bytes, int] | UnreadableWork]]:
    """The tunes of a book.

    Yields:
        (number and title, (the bytes of a MIDI file, the ticks of its upbeat)), or why it cannot be read instead.
    """
    text = data.decode(encodings.encoding_of([data]), "replace").removeprefix("\ufeff")
    text = OTHER_FILES.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    starts = [found.start() for found in START.finditer(text)] or [0]
    heading = "".join(f"{field[0]}\n" for field in HEADING.finditer(text, 0, starts[0]))
    with tempfile.TemporaryDirectory(prefix="bottega-abc-") as folder:
        for number, (begin, end) in enumerate(zip(starts, [*starts[1:], len(text)], strict=True), 1):
            tune = text[begin:end]
            title = TITLE.search(tune)
            name = f"{number} {title[1]}" if title and title[1] else str(number)
            if number > MOST_TUNES:
                yield (
                    name,
                    UnreadableWork(_("only the first {most:,} tunes of a book are read").format(most=MOST_TUNES)),
                )
                return
            try:
                yield name, as_midi(heading, tune, Path(folder))
            except UnreadableWork as error:
                yield name, error


def as_midi(heading: str, tune: str, folder: Path) -> tuple[bytes, int]:
    """One tune as the bytes of a MIDI file, and the onset of its second bar, in ticks.

    Args:
        heading: the fields before the first tune of the book, which hold for all.
        folder: for the program's files.

    Raises:
        UnreadableWork: with the reason.
    """
    body = START.sub("", tune, count=1).split("\n", 1)[-1] if tune.startswith("X:") else tune
    if not KEY.search(body):
        raise UnreadableWork(_("it names no key (a line such as “K:C”), which begins the notes"))
    if len(heading) + len(body) > LONGEST:
        raise UnreadableWork(_("it is longer than {limit:,} characters").format(limit=LONGEST))
    midi, told = converted(f"X:1\n{heading}{body}", folder)
    errors = ERROR.findall(told)
    if errors and (midi is None or len(errors) > MOST_ERRORS):
        line = int(errors[0][0]) - heading.count("\n") - (not tune.startswith("X:"))
        raise UnreadableWork(_("line {line} of the tune is wrong: {why}").format(line=line, why=errors[0][1]))
    if midi is None:
        raise UnreadableWork(_("it is no ABC that can be read, or too much of it"))
    return midi, upbeat(heading, body, folder)


def converted(text: str, folder: Path) -> tuple[bytes | None, str]:
    """What the program makes of a tune, None when nothing, and what it said."""
    import symusic  # says where the program is

    tune, midi = folder / "tune.abc", folder / "tune.mid"
    midi.unlink(missing_ok=True)
    tune.write_text(text, encoding="utf-8", errors="replace")
    command = [os.environ["SYMUSIC_ABC2MIDI"], str(tune), "-o", str(midi)]
    assert symusic
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
        )
        whole = done.returncode == 0 and midi.exists()  # it breaks off where its output grows without end
        return (midi.read_bytes() if whole else None), done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        raise UnreadableWork(_("it takes too long to read")) from None
    except OSError as error:
        raise UnreadableWork(_("the program that reads ABC cannot be run: {why}").format(why=why(error))) from error


def upbeat(heading: str, body: str, folder: Path) -> int:
    """The onset of the second bar in ticks: less than a bar when the tune begins with an upbeat; 0 when not known."""
    from bottega.media.midi import from_midi

    body = PARTS.sub("", body)
    key = KEY.search(body)
    notes = key.end() if key else 0
    begun = False
    for found in MUSIC.finditer(body, notes):
        begun |= found["note"] is not None
        if found["bar"] and begun:
            first = body[notes : found.start()].strip("\n:").replace("|:", "|")
            midi, _told = converted(f"X:1\n{heading}{body[:notes]}\n%%MIDI gchordoff\n{first}|c|]\n", folder)
            try:
                return max(0, int(from_midi(midi).tracks[0].notes[-1, 0]) - 1) if midi else 0
            except UnreadableWork:
                return 0
    return 0
