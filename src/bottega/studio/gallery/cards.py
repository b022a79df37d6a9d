"""Works as HTML: on a card of the gallery, whole with everything that is known of them, and side by side.

All that people type and all that files hold goes through ``escape``.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from bottega.errors import BottegaError
from bottega.language import _, later
from bottega.studio import small

if TYPE_CHECKING:
    from bottega.library.works import Entry

STARS = 5
NOBODY: Mapping[str, str] = {}
FIRST = 260
"""Characters of a text that its card shows."""
SAID = {
    "image": later("picture"),
    "audio": later("sound"),
    "score": later("tune"),
    "text": later("text"),
    "video": later("film"),
}
"""What one work of each medium is called."""
DONE = {
    "generate": later("new"),
    "analogy": later("by analogy"),
    "animate": later("animated"),
    "collage": later("collage"),
    "colorize": later("coloured"),
    "continue": later("continued"),
    "denoise": later("cleaned"),
    "dream": later("dreamt"),
    "extend": later("extended"),
    "harmonize": later("harmonised"),
    "infill": later("filled in"),
    "inpaint": later("painted in"),
    "interpolate": later("with frames between"),
    "loop": later("looped"),
    "mix": later("mixed"),
    "morph": later("morphed"),
    "pitch": later("transposed"),
    "re-mood": later("in another mood"),
    "reconstruct": later("reconstructed"),
    "repair": later("repaired"),
    "retarget": later("in another format"),
    "rewrite": later("rewritten"),
    "slow": later("slowed down"),
    "stretch": later("stretched"),
    "style": later("in another style"),
    "stylize": later("stylised"),
    "texture": later("texture"),
    "tile": later("seamless tile"),
    "transfer": later("turned into another kind"),
    "translate": later("translated"),
    "upscale": later("enlarged"),
    "variations": later("variations"),
    "vary": later("varied"),
    "walk": later("walk"),
}
"""How a work came to be, in a word, by the name of its operation."""


def cards(entries: Sequence["Entry"], trashed: bool = False) -> str:
    """A page of the gallery: an ``<li>`` for each work."""
    return "".join(card(entry, trashed) for entry in entries)


def card(entry: "Entry", trashed: bool = False) -> str:
    """One work: how it looks, its name, its stars, and what can be done with it at once."""
    name, number = escape(entry.name), escape(entry.id)
    face = f'<a class="face" href="#work-{number}" data-work="{number}" tabindex="-1">{_face(entry)}</a>'
    if trashed:
        tools = f'<button type="button" data-do="restore">{escape(_("Put back"))}</button>'
    else:
        tools = f'<label class="pick"><input type="checkbox" data-do="pick" aria-label="{escape(_("Choose"))}"></label>'
    play = f'<button type="button" class="play" data-do="play" aria-label="{escape(_("Play"))}">▶</button>'
    return (
        f'<li class="work" data-id="{number}" data-medium="{escape(entry.medium)}" tabindex="0" aria-label="{name}">'
        f"{face}{play if entry.medium in ('audio', 'score', 'video') and not entry.missing else ''}"
        f'<div class="under"><span class="name" title="{name}">{name}</span>{tools}'
        f'<span class="what">{escape(what(entry))}</span>{"" if trashed else stars(entry.rating)}</div></li>'
    )


def _face(entry: "Entry") -> str:
    """How a work looks on its card; a text by its first words."""
    if entry.missing:
        return f'<span class="gone">{escape(_("The file is not where it was."))}</span>'
    if entry.medium == "text":
        return f'<span class="words">{escape(small.begins(entry.path, FIRST))}</span>'
    return (
        f'<img src="/media/{escape(entry.id)}/thumb?w=320" alt="{escape(entry.name)}" loading="lazy" decoding="async">'
    )


def _small(entry: "Entry") -> str:
    """Pictures of few pixels are shown pixel by pixel."""
    return ' class="pixels"' if entry.width and entry.width < 200 and entry.medium in ("image", "video") else ""


def what(entry: "Entry") -> str:
    """What it is in a few words: “picture · new · flowers”."""
    kind = _(SAID[entry.medium]) if entry.medium in SAID else entry.medium
    said = [kind, done(entry.operation), entry.model_name]
    return " · ".join(one for one in said if one)


def done(operation: str) -> str:
    """How a work came to be: “varied”; the name itself of an operation that is not known here."""
    return _(DONE[operation]) if operation in DONE else operation


def stars(rating: int) -> str:
    """Five stars to click, or to set with the arrows; the one that is set, clicked again, takes the rating back."""
    each = "".join(
        f'<span data-stars="{k}"{" class=lit" if k <= rating else ""}>{"★" if k <= rating else "☆"}</span>'
        for k in range(1, STARS + 1)
    )
    told = escape(_("{count} of 5 stars").format(count=rating))
    return (
        f'<span class="stars" role="slider" tabindex="-1" aria-label="{escape(_("Rating"))}" aria-valuemin="0" '
        f'aria-valuemax="{STARS}" aria-valuenow="{rating}" aria-valuetext="{told}">{each}</span>'
    )


def words(entry: "Entry") -> str:
    """The text itself, without its record; why it cannot be read, where it cannot."""
    from bottega.media import text

    try:
        return text.read(entry.path)
    except BottegaError as error:
        return str(error)
    except OSError:
        return _("The file is not where it was.")


def whole(entry: "Entry", autoplay: bool = False) -> str:
    """The work at its full size, or with its player."""
    source, name = f"/media/{escape(entry.id)}", escape(entry.name)
    auto = " autoplay" if autoplay else ""
    if entry.missing:
        return f'<p class="gone">{escape(_("The file is not where it was; “bottega library scan” looks for it."))}</p>'
    if entry.medium == "text":
        return f'<blockquote class="read">{escape(words(entry))}</blockquote>'
    if entry.medium == "image":
        return f'<img src="{source}" alt="{name}"{_small(entry)}{_shape(entry)}>'
    if entry.medium == "video":
        return (
            f'<video src="{source}/play" controls loop playsinline{auto}{_small(entry)}{_shape(entry)} '
            f'aria-label="{name}"></video>'
        )
    return (
        f'<img src="{source}/thumb?w=960" alt="{name}"><audio src="{source}/play" controls preload="metadata"{auto} '
        f'aria-label="{name}"></audio>'
    )


def _shape(entry: "Entry") -> str:
    return f' width="{entry.width}" height="{entry.height}"' if entry.width and entry.height else ""


def record(found: dict[str, Any], names: Mapping[str, str] = NOBODY) -> str:
    """A record as a person reads it; ``names`` are those of works and models that are known, by id."""
    from bottega import origins

    if not found:
        said = _("Nothing is recorded: another program made this file, or took the record out.")
        return f'<p class="soft">{escape(said)}</p>'
    hashes = [found.get("model"), found.get("collection"), *(found.get("parents") or [])]
    known = {one: names[one[:20]] for one in map(str, hashes) if one[:20] in names}
    told = origins.told(found, known=known)
    rows = "".join(f"<dt>{escape(word)}</dt><dd>{escape(said)}</dd>" for word, said in told)
    return f'<dl class="record">{rows}</dl>'


def differences(entries: Sequence["Entry"]) -> str:
    """What the records of works say differently, as a table with a column for each."""
    from bottega import origins

    told = [_lines(origins.told(entry.record)) if entry.record else {} for entry in entries]
    words = [word for word in dict.fromkeys(word for lines in told for word in lines)]
    rows = [(word, [lines.get(word, "–") for lines in told]) for word in words]
    rows = [(word, said) for word, said in rows if len(set(said)) > 1]
    if not rows:
        return ""
    each = "".join(
        f'<tr><th scope="row">{escape(word)}</th>{"".join(f"<td>{escape(one)}</td>" for one in said)}</tr>'
        for word, said in rows
    )
    head = "".join(f"<th>{escape(entry.name)}</th>" for entry in entries)
    return (
        f"<h4>{escape(_('What is different in how they were made'))}</h4><div class=wide><table class=differences>"
        f"<thead><tr><th></th>{head}</tr></thead><tbody>{each}</tbody></table></div>"
    )


def _lines(rows: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Rows by their word; where a word stands twice, such as for two parents, both are in one."""
    lines: dict[str, str] = {}
    for word, said in rows:
        lines[word] = f"{lines[word]}, {said}" if word in lines else said
    return lines


def tags(entry: "Entry") -> str:
    """The tags of a work, each with a button to take it off, and a field for a new one."""
    each = "".join(
        f'<li><button type="button" class="tag" data-do="find-tag" data-tag="{escape(tag)}">{escape(tag)}</button>'
        f'<button type="button" class="off" data-do="untag" data-tag="{escape(tag)}" '
        f'aria-label="{escape(_("Take off the tag {tag}").format(tag=tag))}">×</button></li>'
        for tag in entry.tags
    )
    return (
        f'<ul class="tags">{each}</ul><form data-do="tag"><input name="tag" maxlength="60" autocomplete="off" '
        f'list="bottega-tags" placeholder="{escape(_("New tag"))}" aria-label="{escape(_("New tag"))}">'
        f'<button type="submit">{escape(_("Add"))}</button></form>'
    )


def facts(entry: "Entry") -> str:
    """When it was made, its size and its length, in a line."""
    made = entry.made.astimezone().strftime("%Y-%m-%d %H:%M")
    said = [made, entry.path.suffix.lstrip(".").upper()]
    if entry.width and entry.height:
        said.append(f"{entry.width}×{entry.height}")
    if entry.seconds:
        minutes, seconds = divmod(round(entry.seconds, 1), 60)
        said.append(f"{minutes:.0f}:{seconds:04.1f}")
    said.append(f"{entry.bytes / 1024:,.0f} KB" if entry.bytes < 1 << 20 else f"{entry.bytes / (1 << 20):,.1f} MB")
    return " · ".join(said)


def buttons(entry: "Entry") -> str:
    """What can be done with a work, as buttons."""
    made_here = "operation" in entry.record
    offered = [
        ("again", _("Again"), _("The same settings in the Make room, with a new seed"), made_here),
        ("vary", _("Vary this"), _("Relatives of this work"), True),
        ("parent", _("Use as parent"), _("Make something from it"), True),
        ("remake", _("Remake exactly"), _("From its record, bit for bit"), made_here),
        ("download", _("Download"), _("The file, with its record inside"), not entry.missing),
        ("trash", _("Move to trash"), _("It can be put back"), True),
    ]
    return "".join(
        f'<button type="button" data-do="{do}" title="{escape(why)}">{escape(said)}</button>'
        for do, said, why, applies in offered
        if applies and (not entry.missing or do == "trash")
    )


def relatives(title: str, entries: Sequence["Entry"]) -> str:
    """Parents or children, small."""
    if not entries:
        return ""
    each = "".join(
        f'<li><a class="face" href="#work-{escape(one.id)}" data-work="{escape(one.id)}" title="{escape(one.name)}">'
        f"{_face(one)}</a></li>"
        for one in entries
    )
    return f'<h4>{escape(title)}</h4><ul class="relatives">{each}</ul>'


def beside(entries: Sequence["Entry"]) -> str:
    """Two to four works side by side: pictures and films at one scale, players that can be started together."""
    widest = max((entry.width or 1 for entry in entries), default=1)
    each = "".join(
        f'<figure data-id="{escape(entry.id)}" style="--share:{(entry.width or widest) / widest:.4f}">'
        f'<div class="shown">{whole(entry)}</div><figcaption><a href="#work-{escape(entry.id)}" '
        f'data-work="{escape(entry.id)}">{escape(entry.name)}</a> <span class="what">{escape(what(entry))}</span>'
        f"{stars(entry.rating)}</figcaption></figure>"
        for entry in entries
    )
    together = ""
    if sum(entry.medium in ("audio", "score", "video") for entry in entries) > 1:
        together = (
            f'<p><button type="button" data-do="together">▶ {escape(_("Play together"))}</button> '
            f'<button type="button" data-do="in-turn">{escape(_("Play in turn"))}</button></p>'
        )
    return f'{together}<div class="beside" data-count="{len(entries)}">{each}</div>{differences(entries)}'
