"""The Make room: something in hand, what can be done with it, and what comes of it.

What the page keeps is one ``gr.BrowserState``: names of works, the model, the act and what was typed; everything is
looked up anew from there, so that a page that is opened again stands where it stood.
"""

import html
import json
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from bottega.errors import BottegaError, DataError
from bottega.language import _
from bottega.studio.desk import Desk
from bottega.studio.making import form, hand
from bottega.studio.making.held import cards
from bottega.studio.making.samples import SAMPLES, sample

if TYPE_CHECKING:
    from bottega.library.models import ModelEntry

KEPT: dict[str, Any] = {
    "works": [],
    "model": "",
    "words": "",
    "act": "",
    "typed": {},
    "more": {},
    "titles": {},
    "seed": 0,
    "lock": False,
}
"""What is remembered from one visit to the next, and what it is at first."""
MOST = 24
"""Works in hand at once."""


def room(desk: Desk) -> None:
    """Lays the room out inside an open tab."""
    kept = gr.BrowserState(KEPT, storage_key="bottega-make", secret="bottega")
    shape = gr.State("")
    with gr.Row(elem_classes="bench"):
        with gr.Column(scale=6, min_width=320):
            with gr.Column(elem_classes="sheet"):
                held, drop, words, model, samples = _in_hand()
            with gr.Column(elem_classes="sheet", visible=False) as todo:
                acts = gr.Radio([], label=_("What to do"), elem_id="acts")
                lacking = gr.HTML("", elem_id="lacking", padding=False)
                shown = [kept, held, words, model, todo, acts, shape, lacking]
                _form(desk, shown, shape)
        with gr.Column(scale=5, min_width=320, elem_id="outcome"):
            gr.HTML(f'<div id="make-results" data-lang="{desk.language}" aria-live="polite"></div>', padding=False)
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    send = desk.sends["make"]
    desk.page.load(desk.speaks(arrange), kept, shown, **quiet)
    drop.upload(desk.speaks(dropped), [kept, drop], [*shown, drop], api_visibility="private")
    words.input(desk.speaks(typed), [kept, words], shown, trigger_mode="always_last", **quiet)
    model.input(desk.speaks(chosen), [kept, model], shown, trigger_mode="always_last", **quiet)
    acts.input(desk.speaks(decided), [kept, acts], shown, trigger_mode="always_last", **quiet)
    send.change(desk.speaks(sent(desk)), [send, kept], shown, **quiet).then(None, js="() => bottega.look()")
    for button, name in samples:
        button.click(desk.speaks(lambda kept, name=name: brought(kept, name)), kept, shown, api_visibility="private")


def _in_hand() -> tuple[Any, Any, Any, Any, list[tuple[Any, str]]]:
    """The part where works come in."""
    held = gr.HTML("", elem_id="held", padding=False)
    drop = gr.File(
        label=_("Drop pictures, sounds, tunes, texts or films here"),
        file_count="multiple",
        height=120,
        elem_id="drop",
    )
    words = gr.Textbox(
        label=_("Or type words"), lines=2, max_lines=12, elem_id="words", placeholder=_("A line, a draft, a verse …")
    )
    model = gr.Dropdown(
        [("–", "")], value="", label=_("And a model of yours"), elem_id="model", allow_custom_value=False
    )
    with gr.Row(elem_classes="samples"):
        gr.HTML(f'<p class="soft">{html.escape(_("Nothing at hand? Take one of these:"))}</p>', padding=False)
        samples = [
            (gr.Button(_(title), size="sm", variant="secondary", min_width=60, elem_id=f"sample-{name}"), name)
            for name, title in SAMPLES.items()
        ]
    return held, drop, words, model, samples


def _form(desk: Desk, shown: list[Any], shape: Any) -> None:
    """The controls of the act that is chosen, drawn anew whenever the shape of what is in hand changes."""
    kept = shown[0]

    def drawn(now: dict[str, Any], _shape: str) -> None:
        for name, place in form.draw(desk, kept, complete(now)).items():
            heard = desk.speaks(lambda now, files, name=name: (*added(now, files, name), None))
            place.upload(heard, [kept, place], [*shown, place], api_visibility="private")

    gr.render(inputs=[kept, shape], triggers=[shape.change], show_progress="hidden")(desk.speaks(drawn))


def arrange(now: dict[str, Any] | None) -> tuple[Any, ...]:
    """Everything that is shown of what is in hand.

    Returns:
        what is kept, and updates of: what is held, the words, the models, the acts' sheet, the acts, the shape, and
        what lies behind the acts that lack something.
    """
    from bottega.library import models

    now = complete(now)
    every = models.all()
    model = form.model_of(now, every)
    items = hand.items(now["works"], now["words"], now["titles"])
    now["works"] = [one.name for one in items if one.name]
    now["more"] = {name: [one.name for one in each] for name, each in form.given(now).items()}
    there = {*now["works"], *(name for each in now["more"].values() for name in each)}
    now["titles"] = {name: title for name, title in now["titles"].items() if name in there}
    now["model"] = model.id if model else ""
    offered = form.offers(now, every)
    acts = [one.act for one in offered]
    if now["act"] not in acts:
        now |= {"act": acts[0] if acts else "", "more": {}}
    labels = [(f"{one.title} · {one.lacks}" if one.lacks else one.title, one.act) for one in offered]
    choices = [(_("none"), ""), *((f"{one.name} · {_(one.medium)} · {one.recipe}", one.id) for one in every)]
    shape = json.dumps([now["works"], now["model"], bool(now["words"]), now["act"], now["more"], now.pop("stamp", 0)])
    return (
        now,
        cards(items),
        gr.skip() if now.pop("typing", False) else now["words"],
        gr.Dropdown(choices=choices, value=now["model"], visible=bool(every)),
        gr.Column(visible=bool(offered or items)),
        gr.Radio(choices=labels, value=now["act"] or None, info=_more(items, offered, every)),
        shape,
        _folded(offered),
    )


def _more(items: list[hand.Item], offered: list[hand.Offer], every: "list[ModelEntry]") -> str | None:
    """What else there would be with a model, where there is none; or that there is nothing."""
    if items and not any(one.medium == items[0].medium for one in every):
        if offered:
            return _("There is more to do with a model of your own: train one in the next room.")
        return _("For this a model of your own is needed: train one in the next room.")
    return _("Nothing takes exactly these works together; put one of them away.") if items and not offered else None


def complete(now: dict[str, Any] | None) -> dict[str, Any]:
    """What the browser kept, with nothing missing and nothing that is not as it should be."""
    given = now if isinstance(now, dict) else {}
    whole = {name: given[name] if isinstance(given.get(name), type(value)) else value for name, value in KEPT.items()}
    whole["works"] = _names(whole["works"])
    whole["more"] = {name: _names(each) for name, each in whole["more"].items() if isinstance(each, list)}
    return {name: value.copy() if isinstance(value, dict) else value for name, value in whole.items()}


def _names(given: list[Any]) -> list[str]:
    return [one for one in given if isinstance(one, str)][:MOST]


def dropped(now: dict[str, Any] | None, files: list[str] | None) -> tuple[Any, ...]:
    """Dropped files come in hand; those that are no works are told of."""
    now = complete(now)
    for file in files or []:
        try:
            item = hand.drop(file)
            now["works"].append(item.name)
            now["titles"][item.name] = item.title
        except DataError as error:
            gr.Warning(html.escape(str(error)), title=html.escape(_("Not taken in hand")))
    return (*arrange(now), None)


def added(now: dict[str, Any] | None, files: str | list[str] | None, name: str) -> tuple[Any, ...]:
    """Files were dropped for an input that is an option, such as painted frames; those that do not fit are told of."""
    now = complete(now)
    operation = hand.operation_of(now["act"])
    assert operation is not None  # what makes new works has no such inputs
    for file in [files] if isinstance(files, str) else files or []:
        try:
            item = hand.given_as(operation, name, file)
            now["more"][name] = list(dict.fromkeys([*now["more"].get(name, []), item.name]))
            now["titles"][item.name] = item.title
        except BottegaError as error:
            gr.Warning(html.escape(str(error)), title=html.escape(_("Not taken in hand")))
    return arrange(now | {"stamp": random.random()})


def typed(now: dict[str, Any] | None, words: str) -> tuple[Any, ...]:
    """Words were typed."""
    return arrange(complete(now) | {"words": words, "typing": True})


def chosen(now: dict[str, Any] | None, model: str) -> tuple[Any, ...]:
    """A model was chosen, or none."""
    return arrange(complete(now) | {"model": model or ""})


def decided(now: dict[str, Any] | None, act: str) -> tuple[Any, ...]:
    """What to do was chosen."""
    return arrange(complete(now) | {"act": act or "", "more": {}})


def brought(now: dict[str, Any] | None, name: str) -> tuple[Any, ...]:
    """A sample is put in hand, instead of what was there."""
    with tempfile.TemporaryDirectory() as folder:
        item = hand.drop(sample(name, Path(folder)))
    held = {"works": [item.name], "words": "", "act": "", "more": {}, "titles": {item.name: _(SAMPLES[name])}}
    return arrange(complete(now) | held)


def sent(desk: Desk) -> Any:
    """What to do with a message to this room; see ``bottega.send`` in page.js."""

    def heard(text: str, now: dict[str, Any] | None) -> tuple[Any, ...]:
        message, now = json.loads(text), complete(now)
        if again := message.get("again"):
            return arrange(_again(desk, now, str(again), bool(message.get("start"))))
        if vary := message.get("vary"):
            item = hand.item(str(vary))
            return arrange(
                now | {"works": [item.name], "words": "", "act": f"{item.medium}/{hand.VARIES[item.medium]}"}
            )
        if leave := message.get("leave"):
            first, left = now["works"][:1] == [leave], [one for one in now["works"] if one != leave]
            return arrange(now | {"works": left, "more": {} if first else now["more"]})
        if spare := message.get("spare"):
            left = [one for one in now["more"].get(str(spare), []) if one != message.get("work")]
            return arrange(now | {"more": now["more"] | {str(spare): left}})
        if first := message.get("first"):
            return arrange(now | {"works": [first, *(one for one in now["works"] if one != first)], "more": {}})
        if works := message.get("works"):
            now |= {"works": [str(one) for one in works], "words": "", "act": str(message.get("act", "")), "more": {}}
        if model := message.get("model"):
            now |= {"model": str(model), "act": "" if works else hand.GENERATE}
            now |= {} if works else {"works": [], "words": ""}
        return arrange(now)

    return heard


def _again(desk: Desk, now: dict[str, Any], name: str, start: bool) -> dict[str, Any]:
    """Everything as it was when a work was made, but for the seed."""
    from bottega.library import works
    from bottega.studio.making.again import plan

    made = plan(works.get(hand.item(name).name))
    now |= {"works": made.works, "words": made.words, "model": made.model, "act": made.act, "more": made.more}
    now["typed"] = now["typed"] | {made.act: made.typed}
    now |= {"seed": random.randrange(1_000_000), "stamp": random.random()}
    if start:
        form.start(now, made.typed, desk.language)
    return now


def _folded(offered: list[hand.Offer]) -> str:
    """What cannot begin yet stands last, behind a box to tick; its place is all that a style can know of it."""
    ready = sum(not one.lacks for one in offered)
    if not 0 < ready < len(offered):
        return ""
    later = f"#acts .wrap label:nth-child(n + {ready + 1}):not(.selected)"
    said = html.escape(_("Show also what still lacks something ({count})").format(count=len(offered) - ready))
    return (
        f"<style>{later} {{ color: var(--soft); background: none; border-style: dashed }} "
        f"body:not(:has(#all-acts:checked)) {later} {{ display: none }}</style>"
        f'<label class="soft"><input type="checkbox" id="all-acts"> {said}</label>'
    )
