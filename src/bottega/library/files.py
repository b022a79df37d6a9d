"""What one file tells of itself: its content's hash, its record, and how large the work in it is.

Whatever stands in a file may have been written by anybody: every value is checked for its kind and cut to a length
before it goes further, and nothing is decoded beyond what the head of the file says.
"""

import hashlib
import math
import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bottega import home
from bottega.errors import DataError, UnreadableWork
from bottega.language import _
from bottega.media import kinds
from bottega.media.files import why
from bottega.provenance import credentials
from bottega.provenance.record import disclosed

ENDINGS = frozenset(ending for module in kinds.MODULES.values() for ending in module.READ)
"""How files end in which works are sought."""
TRASH = "trash/"
"""What the stored paths of files in the trash begin with."""
SHEET = re.compile(r"-sheet(-\d+)?$")
ID = re.compile(r"[0-9a-f]{4,64}")
"""What may be an id or its beginning, or a whole hash."""
HEX = re.compile(r"[0-9a-f]{64}")
LONGEST_PATH = 1000  # characters; what an index of PostgreSQL surely takes
LONGEST_RECORD = 200_000  # characters of all words in a record; a longer one is no record of ours
LONGEST_WORDS, LONGEST_EXCERPT = 4000, 1500
MOST_PARENTS = 1000
BLOCK = 1 << 20
NUMBERS = ("seed", "index", "n")


@dataclass(frozen=True)
class Found:
    """A file that Bottega wrote, looked at.

    Attributes:
        hash: SHA-256 of the content as it was before it was signed; what other works name it by.
        sha256: of the file as it lies there.
        role: ``"work"``, ``"sheet"``, ``"beside"`` or ``"original"``.
        stamp: when it was last changed, in nanoseconds.
        size: width and height in pixels, and seconds; None for each that the medium does not have.
        excerpt: the first words of a text.
    """

    path: Path
    hash: str
    sha256: str
    role: str
    medium: str
    bytes: int
    stamp: int
    record: dict[str, Any] = field(default_factory=dict)
    size: tuple[int | None, int | None, float | None] = (None, None, None)
    excerpt: str = ""

    @property
    def id(self) -> str:
        """The name of the content in the library."""
        return self.hash[:20]

    @property
    def parameters(self) -> dict[str, Any]:
        """Of the operation; empty when its maker keeps them."""
        return _dictionary(self.record.get("parameters"))

    @property
    def operation(self) -> str:
        """The verb, or nothing."""
        said = self.record.get("operation")
        return said[:60] if isinstance(said, str) else ""

    @property
    def seed(self) -> int | None:
        """Where randomness began."""
        seed = self.parameters.get("seed")
        return seed if type(seed) is int and abs(seed) < 1 << 63 else None

    @property
    def parents(self) -> list[str]:
        """Hashes of what it was made from, each once, in their order."""
        named = self.record.get("parents")
        named = named[:MOST_PARENTS] if isinstance(named, list) else []
        return list(dict.fromkeys(one for one in named if _is_hash(one)))

    def named(self, word: str) -> str | None:
        """The hash that stands in the record as ``"model"`` or ``"collection"``."""
        given = self.record.get(word)
        return given if _is_hash(given) else None


def look(path: Path, original: bool = False) -> Found | None:
    """What a file tells; None when it holds nothing that Bottega wrote.

    Args:
        original: take it also without a record: a person's own work, from which another was made.

    Raises:
        UnreadableWork: it is no work, cannot be opened, or has a name that is no text.
    """
    stored(path)
    try:
        medium = kinds.medium_of_file(path) if path.is_file() else None
        if medium is None:
            path.stat()
            return None
        record = kinds.MODULES[medium].read_record(path) or {}
        ours = "digital_source_type" in record
        return _found(path, medium, tidy(record) if ours else {}) if ours or original else None
    except UnreadableWork:
        raise
    except OSError as error:
        raise UnreadableWork(_("{path} cannot be read: {why}.").format(path=path, why=why(error))) from error
    except Exception as error:  # decoders meet a file made to harm with many kinds of exception
        message = _("{path} cannot be read: {why}.").format(path=path, why=type(error).__name__)
        raise UnreadableWork(message) from error


def _found(path: Path, medium: str, record: dict[str, Any]) -> Found:
    status = path.stat()
    sha256, signed = _hashed(path)
    return Found(
        path,
        credentials.digest(path) if signed else sha256,
        sha256,
        _role(path, record),
        medium,
        status.st_size,
        status.st_mtime_ns,
        record,
        size(path, medium),
        kinds.MODULES[medium].read(path)[:LONGEST_EXCERPT] if medium == "text" else "",
    )


def tidy(record: dict[str, Any]) -> dict[str, Any]:
    """A record as a database takes it; of one that is too long or too deep, the disclosure alone."""
    try:
        left = [LONGEST_RECORD]
        return _tidied(record, left)
    except (ValueError, RecursionError):
        return _tidied(disclosed(record), [LONGEST_RECORD])


def plain(words: str) -> str:
    """Words without what no database or screen should meet: control characters and halves of characters."""
    return "".join(" " if unicodedata.category(one) in ("Cc", "Cs") else one for one in words)


def folded(words: str) -> str:
    """Words as they are compared: small letters, wide forms as narrow ones."""
    return unicodedata.normalize("NFKC", words).casefold()


def said(value: Any) -> list[str]:
    """All words inside parameters, in their order."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [word for one in inner for word in said(one)]


def stored(path: Path) -> str:
    """A path as the database keeps it: relative inside Bottega's home, absolute elsewhere.

    Raises:
        UnreadableWork: a name that is no text, or too long.
    """
    path = path.absolute()
    root = home.home().absolute()
    kept = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    try:
        kept.encode()
    except UnicodeEncodeError as error:
        shown = kept.encode(errors="replace").decode()
        raise UnreadableWork(_("{path} has a name that is no text; rename the file.").format(path=shown)) from error
    if len(kept) > LONGEST_PATH or "\0" in kept:
        raise UnreadableWork(_("{path} lies too deep to be indexed.").format(path=f"{kept[:80]}…"))
    return kept


def placed(path: Path) -> str | None:
    """The same; None for a path that the database cannot hold, and so does not."""
    try:
        return stored(path)
    except UnreadableWork:
        return None


def located(kept: str) -> Path:
    """Where a stored path leads."""
    return home.home().absolute() / kept


def inside(path: Path, place: Path) -> bool:
    """Whether a path lies in a folder, also after all links in it are followed."""
    with suppress(OSError, RuntimeError):
        return path.resolve().is_relative_to(place.resolve())
    return False


def there(path: Path) -> Path:
    """The file, when there is one.

    Raises:
        DataError: there is none.
    """
    if not path.is_file():
        raise DataError(_("{path} does not exist.").format(path=path))
    return path


def _role(path: Path, record: dict[str, Any]) -> str:
    """A sheet and what is written beside a score bear the disclosure only, and names that say what they are."""
    if not record:
        return "original"
    if "operation" not in record:
        if SHEET.search(path.stem):
            return "sheet"
        if path.suffix.lower() in (".wav", ".png") and path.with_suffix(".mid").is_file():
            return "beside"
    return "work"


def _hashed(path: Path) -> tuple[str, bool]:
    """SHA-256 of a file, and whether there may be a signature in it, for which it must be opened once more."""
    digest, signed, end = hashlib.sha256(), False, b""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
            signed = signed or b"c2pa" in end + block
            end = block[-4:]
    return digest.hexdigest(), signed


def _tidied(value: Any, left: list[int]) -> Any:
    """A value of JSON that every database can keep; ValueError when it has more words than are left."""
    if isinstance(value, str):
        left[0] -= len(value) + 1
    else:
        left[0] -= 1
    if left[0] < 0:
        raise ValueError
    if isinstance(value, dict):
        return {_tidied(str(name), left): _tidied(one, left) for name, one in value.items()}
    if isinstance(value, list):
        return [_tidied(one, left) for one in value]
    if isinstance(value, str):
        return value.replace("\0", "").encode(errors="replace").decode()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _dictionary(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and HEX.fullmatch(value) is not None


def size(path: Path, medium: str) -> tuple[int | None, int | None, float | None]:
    """Width, height and seconds, from the head of the file; None where that does not say."""
    with suppress(Exception):  # a work whose size is not known is still a work
        if medium == "image":
            from bottega.media import image

            with image.opened(path) as picture:
                return *picture.size, None
        if medium == "audio":
            import soundfile

            return None, None, soundfile.info(path).duration
        if medium == "video":
            return _size_of_film(path)
    return None, None, None


def _size_of_film(path: Path) -> tuple[int | None, int | None, float | None]:
    from bottega.media.films.decoders import MOVING_PICTURES, announced, opened, video_of

    with path.open("rb") as file:
        kind = announced(file)
        if kind not in MOVING_PICTURES:
            with opened(file, kind) as container:
                stream = video_of(container)
                return stream.width, stream.height, container.duration / 1e6 if container.duration else None
    from bottega.media import image

    with image.opened(path, MOVING_PICTURES) as picture:
        return *picture.size, None
