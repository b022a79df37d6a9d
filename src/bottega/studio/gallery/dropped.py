"""A file that somebody drops: what it says of itself, who signed it, and the same work once more."""

import shutil
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottega import home
from bottega.errors import BottegaError, DataError, UsageError
from bottega.language import _, language
from bottega.places import plain, unused
from bottega.provenance import credentials
from bottega.provenance.record import HASH
from bottega.studio.gallery import cards

if TYPE_CHECKING:
    from bottega.library.works import Entry


def told(path: Path, name: str) -> str:
    """What a dropped file says, as HTML.

    Args:
        name: what its owner calls it.

    Raises:
        UnreadableWork: it is no work, or none that is safe to open.
    """
    from bottega.media import kinds
    from bottega.studio.safety import uploads

    kept = uploads.accept(path)
    found = kinds.read_record(kept) or {}
    ours = "digital_source_type" in found
    content = credentials.digest(kept)
    here = in_library(content)
    parents = [one for one in map(in_library, found.get("parents", [])) if one] if ours else []
    shown = cards.relatives(_("It lies in your gallery"), [here]) if here else ""
    shown += cards.relatives(_("Made from"), parents)
    return (
        f'<div class="dropped" data-content="{escape(kept.stem)}"><h3>{escape(name)}</h3>{signature(kept)}'
        f"{cards.record(found if ours else {}, {one.id: one.name for one in parents})}{shown}"
        f'<p class="buttons">{_offers(found if ours else {}, here)}</p></div>'
    )


def _offers(found: dict[str, Any], here: "Entry | None") -> str:
    """What can be done with the file, as buttons."""
    offered = []
    if "operation" in found:
        offered.append(("dropped-again", _("Make it again"), ""))
    if here:
        offered.append(("dropped-open", _("Open it"), here.id))
    elif found:
        offered.append(("dropped-keep", _("Keep it in the Gallery"), ""))
    return "".join(
        f'<button type="button" data-do="{do}" data-id="{escape(number)}">{escape(said)}</button>'
        for do, said, number in offered
    )


def in_library(content: str) -> "Entry | None":
    """The work with that content hash, if it is in the library."""
    from bottega.library import works

    if not HASH.fullmatch(str(content)):
        return None
    try:
        return works.get(content[:20])
    except BottegaError:
        return None


def signature(path: Path) -> str:
    """Who signed a file, and whether it was changed since; nothing for unsigned ones."""
    try:
        found = credentials.credentials(path)
    except (DataError, UsageError):  # not there, or no package to look with
        return ""
    return f'<p class="signed{"" if found.intact else " broken"}">{escape(found.said)}</p>' if found else ""


def stored(content: str) -> Path:
    """The file that was dropped, by what it is stored under. Raises DataError when it is no longer there."""
    from bottega.studio.safety import uploads

    if (path := uploads.kept(content)) is None:
        raise DataError(_("The file is no longer here; drop it once more."))
    return path


def again(path: Path) -> dict[str, Any]:
    """A job that makes a work again from the record in its file: ``{"job", "said"}``."""
    from bottega import origins
    from bottega.library import jobs

    origins.origin(path)  # what cannot be made again is said now and not in the queue
    job = jobs.submit("remake", {"file": str(path)}, origin="page", language=language())
    return {"job": job.id, "said": _("It is being made again: the Queue shows how far it is.")}


def keep(path: Path) -> dict[str, Any]:
    """Takes a copy of the file among the works: ``{"work", "said"}``."""
    from bottega import origins
    from bottega.library import works

    folder = home.works() / "kept"
    folder.mkdir(parents=True, exist_ok=True)
    record = origins.origin(path)
    goal = unused(folder / f"{plain(str(record.get('operation', 'work')))}-{path.stem[:8]}{path.suffix}")
    shutil.copyfile(path, goal)
    entry = works.note(goal)
    return {"work": entry.id, "said": _("“{name}” is in your gallery.").format(name=entry.name)}
