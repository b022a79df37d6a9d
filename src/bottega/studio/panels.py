"""The Train room in HTML: reports, advice, progress, losses, previews over time.

Whatever people or files named goes through ``escape``. Nothing here knows of Gradio, so that it can be tested as text.
"""

import json
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottega import editing
from bottega.language import _, later
from bottega.library.jobs.job import RESUMABLE
from bottega.studio.following import Followed, Preview
from bottega.terminal import duration

if TYPE_CHECKING:
    from bottega.library.jobs import Job
    from bottega.recipes.recipe import Recipe
    from bottega.studio.training.looking import Look

HASH = 64
"""Characters of a content hash."""
LISTED = 200
"""Files that are listed with a reason, at most."""
TEXT, LOG = 20_000, 40_000
"""Bytes of a preview in words, and of the end of a log, that are shown."""
FIGURES = {
    "image": later("pictures"),
    "audio": later("recordings"),
    "score": later("tunes"),
    "text": later("texts"),
    "video": later("films"),
}


def button(do: str, said: str, job: str, *, strong: bool = False, why: str = "") -> str:
    """A button that its room hears of: what to do, and with which job."""
    named = escape(f"{said}: {why}")  # what is read aloud names what is seen
    kind, hint = " class=strong" if strong else "", f' title="{escape(why)}" aria-label="{named}"' if why else ""
    return f'<button type="button" data-do="{do}" data-job="{escape(job)}"{kind}{hint}>{escape(said)}</button>'


def sender(said: str, message: dict[str, Any], strong: bool = False) -> str:
    """A button that goes to another room with something in hand."""
    kind = " class=strong" if strong else ""
    return f'<button type="button" data-send="{escape(json.dumps(message))}"{kind}>{escape(said)}</button>'


def bar(share: float | None) -> str:
    """How much is done; moving to and fro while nobody knows."""
    if share is None:
        return '<div class="bar unknown" role="progressbar"><i></i></div>'
    part = 100 * min(max(share, 0.0), 1.0)
    values = f'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{part:.0f}"'
    return f'<div class="bar" role="progressbar" {values}><i style="width:{part:.1f}%"></i></div>'


def titled(job: "Job") -> str:
    """What it does, in the words by which it was chosen, and to which file."""
    given = job.arguments
    media = [one for one, operations in editing.OPERATIONS.items() if given.get("operation") in operations]
    if job.verb != "edit" or not media:
        return job.title
    from bottega.media import kinds

    first = next((Path(one) for one in given.get("works") or () if one), None)
    medium = kinds.medium_of_file(first) if first else None
    chosen = editing.find(given["operation"], medium if medium in media else media[0])
    title = _(chosen.title).partition(":")[0].partition("：")[0]
    named = first and medium and len(first.stem) < HASH  # what was dropped is kept under its hash
    return f"{title} · {first.name}" if first and named else title


def wrong(error: Exception) -> str:
    """What went wrong, in its place."""
    return f'<p class="wrong" role="alert">{escape(str(error))}</p>'


# ---- before a training -----------------------------------------------------------------------------------------------


def preparing(line: str, done: int = 0, total: int = 0) -> str:
    """While a collection is looked at."""
    count = f" {done:,} / {total:,}" if total else ""
    share = done / total if total else None
    return f'<div class="looking" role="status"><p>{escape(line)}{count}</p>{bar(share)}</div>'


def report(found: "Look") -> str:
    """What of a collection can be used, and what not."""
    medium = _(FIGURES[found.medium])
    split = _("{train:,} to learn from, {held:,} kept to measure with").format(train=found.train, held=found.held_out)
    parts = [
        f'<p class="figure"><b>{found.used:,}</b> {escape(medium)}</p>',
        f'<p>{escape(found.amount)}<br><span class="soft">{escape(split)}</span></p>',
        *(f'<p class="soft">{escape(note)}</p>' for note in found.notes),
        _classes(found.classes),
        _listed(
            _("Skipped files: {count:,}").format(count=found.unused),
            (f"<dt>{escape(name)}</dt><dd>{escape(why)}</dd>" for name, why in found.skipped[:LISTED]),
            found.unused,
        ),
        _listed(
            _("Pairs that nearly repeat each other: {count:,}").format(count=found.repeats),
            (f"<dt>{escape(one)}</dt><dd>{escape(other)}</dd>" for one, other in found.duplicates[:LISTED]),
            found.repeats,
            _("Works that repeat each other lie on the same side, so that measuring stays honest."),
        ),
    ]
    return f'<div class="report">{"".join(parts)}</div>'


def _classes(classes: dict[str, int]) -> str:
    if not classes:
        return f'<p class="soft">{escape(_("No classes: all works are learned together. Sub-folders would be."))}</p>'
    most = max(classes.values()) or 1
    rows = "".join(
        f'<li><span title="{escape(name)}">{escape(name)}</span><i style="--share:{count / most:.3f}"></i>'
        f"<b>{count:,}</b></li>"
        for name, count in classes.items()
    )
    return f'<h4>{escape(_("Classes"))}</h4><ul class="classes">{rows}</ul>'


def _listed(title: str, rows: Iterable[str], total: int, note: str = "") -> str:
    """What can be unfolded; nothing where there is nothing."""
    if not total:
        return ""
    shown = list(rows)
    more = f"<p>{escape(_('and {more:,} more').format(more=total - len(shown)))}</p>" if total > len(shown) else ""
    note = f'<p class="soft">{escape(note)}</p>' if note else ""
    return f"<details><summary>{escape(title)}</summary>{note}<dl>{''.join(shown)}</dl>{more}</details>"


def advice(recipe: "Recipe", why: str, said: Sequence[tuple[str, str]]) -> str:
    """The chosen recipe, why if it is the suggested one, and what can be expected of it."""
    marks = {"good": "✓", "weak": "!"}
    lines = "".join(
        f'<li class="{verdict}"><i aria-hidden="true">{marks[verdict]}</i>{escape(text)}</li>' for verdict, text in said
    )
    chosen = _("Recipe: {name}, {why}").format(name=recipe.name, why=why) if why else recipe.said("title")
    codec = ""
    if recipe.codec:
        message = _("First its codec, {name}, for {share:.0%} of the time.")
        codec = f'<p class="soft">{escape(message.format(name=recipe.codec.recipe, share=recipe.codec.share))}</p>'
    return (
        f'<div class="advice"><h3>{escape(chosen)}</h3><p>{escape(recipe.said("when"))}</p>{codec}'
        f'<p class="soft source">{escape(recipe.source)}</p><h4>{escape(_("What to expect"))}</h4>'
        f"<ul>{lines}</ul></div>"
    )


# ---- a training ------------------------------------------------------------------------------------------------------


def chip(job: "Job") -> str:
    """The state of a job in a word."""
    return f'<span class="chip" data-state="{escape(job.state)}">{escape(job.word)}</span>'


def standing(job: "Job", known: Followed) -> str:
    """Where a training stands: the bar, what is measured, and what can be done now."""
    numbers = [(_("done"), f"{100 * known.share:.0f} %")] if known.share is not None and job.state == "running" else []
    if job.state == "running" and job.left is not None:
        numbers.append((_("time left"), duration(job.left)))
    if known.step is not None:
        numbers.append((_("steps"), f"{known.step:,}"))
    if known.step_rate and job.state == "running":
        numbers.append((_("steps a second"), f"{known.step_rate:,.1f}"))
    if known.seconds >= 1:
        numbers.append((_("worked for"), duration(known.seconds)))
    tiles = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in numbers)
    message = job.message if job.state == "running" and known.step is None else ""  # the numbers say it better
    said = job.why or message or _(TOLD.get(job.state, ""))
    shown = bar(job.progress) if job.state == "running" else ""
    return (
        f'<section class="standing" data-job="{escape(job.id)}" data-state="{escape(job.state)}">'
        f"<h3>{escape(titled(job))} {chip(job)}</h3>{shown}<dl class=numbers>{tiles}</dl>"
        f'<p class="{"wrong" if job.why else "soft"}" role="status">{escape(said)}</p>'
        f'<p class="buttons">{"".join(_can(job))}</p></section>'
    )


TOLD = {
    "queued": later("It waits for the one before it. You can close this page: nothing is lost."),
    "held": later("It is on hold, and waits until you let it go on."),
    "done": later("Done. The model is ready."),
    "paused": later("Stopped and saved. It goes on exactly where it was."),
    "stopped": later("Ended before its time. What was learned is saved; it can go on."),
    "failed": later("It failed."),
}
"""What a state means for a training, where the job itself says nothing."""


def _can(job: "Job") -> list[str]:
    """The buttons that make sense in its state."""
    model = next((one.get("id") for one in job.results if one.get("kind") == "model" and one.get("id")), None)
    match job.state:
        case "running":
            return endings(job)
        case "queued":
            return [button("pause", _("Hold"), job.id), button("cancel", _("Cancel"), job.id)]
        case "done":
            return [
                *([sender(_("Make works with it"), {"room": "make", "model": model}, strong=True)] if model else []),
                *([sender(_("Its card"), {"room": "models", "model": model})] if model else []),
                button("measure", _("Measure it"), job.id),
                button("longer", _("Train it longer"), job.id),
            ]
        case _:
            return [button("resume", _("Go on"), job.id, strong=True), *finishing(job)]


def endings(job: "Job") -> list[str]:
    """The buttons that end a running job; one that is ending already can only be pressed."""
    if job.asked:
        return [button("cancel", _("Stop at once"), job.id)]
    if job.verb != "train":
        return [button("cancel", _("Cancel"), job.id)]
    return [*finishing(job), button("pause", _("Stop and save"), job.id)]


def finishing(job: "Job") -> list[str]:
    """The button that makes a model of what a training has learned so far; none before it has learned anything."""
    learned = job.progress if job.state == "running" else job.state in RESUMABLE
    if job.verb != "train" or not job.begun or not learned:
        return []
    return [button("finish", _("Finish now"), job.id, why=_("A model is made of what it has learned so far"))]


LOSSES = {
    "autoencoder": later("autoencoder"),
    "classifier": later("classifier"),
    "codec": later("codec"),
    "critic": later("critic"),
    "discriminator": later("discriminator"),
    "first": later("first frames"),
    "generator": later("generator"),
    "model": later("model"),
    "velocity": later("velocity"),
    "accuracy": later("told rightly"),
    "convergence": later("spectrum"),
    "detail": later("detail"),
    "edges": later("edges"),
    "in front": later("what stands in front"),
    "kl": later("divergence"),
    "log": later("loudness"),
    "misfit": later("misfit"),
    "nats": later("nats"),
    "outline": later("outline"),
    "pixels": later("pixels"),
    "samples": later("samples"),
    "sigma": later("spread"),
    "squared": later("squared"),
    "told apart": later("told apart"),
    "verdict": later("verdict"),
    "wave": later("wave"),
}
"""What is learned in turn, and what is measured of it, by the names that objectives give."""


def losses(known: Followed) -> str:
    """A small chart for each loss; nothing before there is a curve."""
    from bottega.demo.chart import curve

    drawn = [curve(_called(name), points) for name, points in known.losses.items() if len(points) > 1]
    return f'<div class="charts">{"".join(drawn)}</div>' if drawn else ""


def _called(name: str) -> str:
    """``"generator.loss"`` as “generator”, ``"discriminator.told apart"`` as both words, in the language in use."""
    phase, _dot, what = (_(LOSSES[part]) if part in LOSSES else part for part in name.partition("."))
    return phase if what in ("", "loss") else f"{phase} · {what}"


def lapse(job: "Job", known: Followed) -> str:
    """All previews in a row, and two of them side by side, moved through with a slider each."""
    if not known.previews:
        waits = _("The first preview comes when training begins.") if job.state in ("running", "queued") else ""
        return f'<p class="soft">{escape(waits)}</p>'
    faces = "".join(
        f'<li tabindex="0" data-said="{escape(_at(one))}"><span class="face">{face(job, one)}</span>'
        f"<span>{escape(_at(one))}</span></li>"
        for one in known.previews
    )
    latest = known.previews[-1]
    title = _("Over time") if len(known.previews) > 1 else _("Preview")
    shown = f'<div class="seen">{face(job, latest)}</div>'
    if len(known.previews) > 1:
        sides = ((_("Before"), "left", known.previews[0]), (_("After"), "right", latest))
        shown = "".join(
            f'<figure><div class="seen" data-side="{side}">{face(job, one)}</div><figcaption><label>{escape(name)} '
            f'<output data-side="{side}">{escape(_at(one))}</output>'
            f'<input type="range" min="0" max="{len(known.previews) - 1}" value="{known.previews.index(one)}" '
            f'data-side="{side}"></label></figcaption></figure>'
            for name, side, one in sides
        )
        shown = f'<div class="compare">{shown}</div><ol class="lapse">{faces}</ol>'
    medium = escape(str(job.arguments.get("medium") or ""))
    return f'<section class="over" data-job="{escape(job.id)}" data-medium="{medium}"><h4>{title}</h4>{shown}</section>'


def _at(one: Preview) -> str:
    return _("step {step:,} · {time}").format(step=one.step, time=duration(one.seconds))


def face(job: "Job", one: Preview, said: str | None = None) -> str:
    """A preview: the words of a text, a picture of anything else; ``said`` in its place, the step when left out."""
    if Path(one.name).suffix == ".txt":
        return f"<pre>{escape(words(job.folder / Path(one.name).name, TEXT))}</pre>"
    source = f"/jobs/{escape(job.id)}/preview/{escape(one.name)}"
    return f'<img src="{source}" alt="{escape(_at(one) if said is None else said)}">'


def log(job: "Job", known: Followed) -> str:
    """What a job said, and what its process wrote."""
    written = words(job.folder / "output.log", LOG).strip()
    said = "\n".join(known.said)
    text = "\n\n".join(part for part in (said, written) if part) or _("It has said nothing yet.")
    return f'<pre class="log" tabindex="0">{escape(text)}</pre>'


def words(file: Path, most: int) -> str:
    """The end of a file of text, no more than ``most`` bytes of it; empty when there is none."""
    try:
        with file.open("rb") as opened:
            size = opened.seek(0, 2)
            opened.seek(max(0, size - most))
            text = opened.read().decode(errors="replace")
    except OSError:
        return ""
    return text if size <= most else "…" + text.partition("\n")[2]
