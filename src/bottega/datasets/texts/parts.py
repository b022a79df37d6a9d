"""Where one work ends and the next begins in a plain text: asked for, or decided from the material."""

import re
from collections.abc import Iterable, Iterator
from statistics import mean, median, pstdev

from bottega.datasets.texts.files import LONGEST

BLANK = re.compile(r"\n(?:[^\S\n]*\n)+")
SEVERAL = re.compile(r"\n(?:[^\S\n]*\n){2,}")
GAPS: dict[str, re.Pattern[str] | None] = {
    "file": None,  # nowhere
    "line": re.compile(r"\n"),
    "blank": BLANK,
    "blanks": SEVERAL,
}
BLANK_START = re.compile(r"(?:[^\S\n]*\n)+")
FEW_FILES = 8  # from here on a folder is one of works, a file each
POEM = 2_000  # characters: a file that is shorter, among others, is one work whatever its blank lines part
LINES = 20
SPEAKER = re.compile(r"[^\n]{1,40}(?:[:：]|[A-Z]\.)[^\S\n]*")
CHAPTER = re.compile(r"(?im)^\s*(?:chapter\b|book [ivx\d]+\b|第[一二三四五六七八九十百零〇\d]+[章回卷节])")
SENTENCE_END = (".", "!", "?", "…", "。", "！", "？", "”", "」", "』", '"', "’", ")", "）")
Part = tuple[str, int, bool]
"""A work's text, the number of its first line, and whether it goes on in the next part."""


def parts(chunks: Iterable[str], separate: str) -> Iterator[Part]:
    """The works in the chunks of a file; those longer than ``LONGEST`` in several parts.

    The blank lines around a work are left out, except where the whole file is one: that stays as it is.
    """
    gap = GAPS[separate]
    rest, line, begun = "", 1, False
    for chunk in chunks:
        rest += chunk
        begin = 0
        for found in gap.finditer(rest) if gap else ():
            if found.end() == len(rest) and separate != "line":
                break  # more blank lines may follow
            yield from ended(rest[begin : found.end()], line, separate, begun)
            begun = False
            line += rest.count("\n", begin, found.end())
            begin = found.end()
        rest = rest[begin:]
        while len(rest) > LONGEST:
            end = rest.rfind("\n", 0, LONGEST) + 1 or LONGEST
            yield rest[:end], line, True
            begun = True
            line += rest.count("\n", 0, end)
            rest = rest[end:]
    yield from ended(rest, line, separate, begun)


def ended(text: str, line: int, separate: str, begun: bool) -> Iterator[Part]:
    """The end of a work without the blank lines around it; when it is all, and nothing else is there, none."""
    start = BLANK_START.match(text)
    if start and separate != "file":
        text, line = text[start.end() :], line + start[0].count("\n")
    if begun or (text and not text.isspace()):
        yield (text if separate == "file" else text.rstrip()), line, False


def as_verse(text: str) -> str:
    """``|`` between verses as line breaks."""
    return "\n".join(verse.strip() for verse in text.split("|"))


def barred(texts: list[str]) -> bool:
    """Whether nearly all of some texts are one line with ``|`` in it: then that parts their verses."""
    texts = [text.strip() for text in texts if text.strip()]
    verses = [text for text in texts if "|" in text and "\n" not in text]
    return len(verses) >= 0.95 * len(texts) > 0


def decided(sample: str, files: int) -> str:
    """How the material is separated, from the beginning of its largest file.

    A folder of many files is one of works. In a few files, or one, works are what blank lines part (several blank
    lines, where single ones part the stanzas), or lines, if each is a sentence or a poem; a play, a novel and whatever
    shows no such structure is one long work.
    """
    if files >= FEW_FILES or (files > 1 and len(sample) < POEM):
        return "file"
    if blank_lines(sample) == "blanks":
        return "blanks"
    if len(BLANK.findall(sample.strip())) >= 2:
        return "file" if continuous([text for text, _line, _more in parts([sample], "blank")]) else "blank"
    lines = [line.strip() for line in sample.split("\n") if line.strip()]
    return "line" if complete(lines) else "file"


def blank_lines(sample: str) -> str:
    """``blanks`` where works are parted by several blank lines, as single ones part their stanzas; or ``blank``."""
    several, single = len(SEVERAL.findall(sample.strip())), len(BLANK.findall(sample.strip()))
    return "blanks" if several >= 2 and several * 50 >= single - several else "blank"


def continuous(pieces: list[str]) -> bool:
    """Whether stretches between blank lines are the speeches of a play or the paragraphs of a book."""
    speeches = sum(bool(SPEAKER.fullmatch(piece.split("\n")[0])) and "\n" in piece for piece in pieces)
    if speeches > len(pieces) / 2 or sum(bool(CHAPTER.search(piece)) for piece in pieces) > 1:
        return True
    wide = 2 if sum(piece.isascii() for piece in pieces) < len(pieces) / 2 else 1  # a Chinese character says more
    lines = [len(line) * wide for piece in pieces for line in piece.split("\n")[:-1]]  # all but the last are full
    wrapped = len(lines) > len(pieces) and median(lines) > 50 and pstdev(lines) < 0.25 * mean(lines)
    paragraphs = len(lines) < 0.2 * len(pieces)
    dialogue = sum(len(piece) * wide < 80 for piece in pieces) > 0.1 * len(pieces)
    longer = sum(len(piece) * wide > 160 for piece in pieces) > 0.1 * len(pieces)
    return len(pieces) > 100 and (wrapped or paragraphs) and dialogue and longer


def complete(lines: list[str]) -> bool:
    """Whether each line stands for itself: verses parted by ``|``, or sentences of about the same length."""
    if barred(lines) and len(lines) > 1:
        return True
    if len(lines) < LINES or any(CHAPTER.match(line) for line in lines):
        return False
    lengths = [len(line) for line in lines]
    ended = sum(line.endswith(SENTENCE_END) for line in lines)
    return ended >= 0.6 * len(lines) and median(lengths) <= 200 and pstdev(lengths) < 0.6 * mean(lengths)
