"""The Train room: works to learn from, what they are good for, the recipe and the time; and the training as it goes."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from bottega.crafts.schemas import PREPARATIONS
from bottega.events import Listener, Preparing
from bottega.language import _
from bottega.recipes.recipe import MEDIA
from bottega.studio import controls, panels, pulse
from bottega.studio.desk import Desk
from bottega.studio.page import asset
from bottega.studio.training import collecting, lesson, looking, watching
from bottega.studio.training.errand import CalledBack, Errand
from bottega.studio.training.looking import Look

BEGIN = 10
"""Minutes that are suggested."""
SOON, AGAIN = 0.4, 0.3
"""Seconds before a look shows that it takes longer, and between two looks at how far it is."""
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

REMEMBER = """(kind, folder, minutes) => {
  localStorage.setItem("bottega-train", JSON.stringify({ kind, folder, minutes }));
}"""
REMEMBERED = "() => [localStorage.getItem('bottega-train') || '{}']"
"""What is chosen stays in the browser: ``gr.BrowserState`` only reads it in the tab that is open first."""
SHOW = "() => document.querySelector('.train-room .live')?.scrollIntoView({ behavior: 'smooth', block: 'start' })"

Choose = Callable[[Listener], Path]
"""Brings a collection together and says where it lies."""


@dataclass(frozen=True)
class Sources:
    """Where works come from: a choice of three, and a control for each."""

    kind: gr.Radio
    files: gr.File
    folder: gr.Dropdown
    builtin: gr.Radio


@dataclass(frozen=True)
class Form:
    """The controls of a new training.

    Attributes:
        found: the ``Look`` at the collection; None before there is one.
        ours: the recipe and the name that were suggested: what differs from them, a person chose.
        wishes: the preparation of each medium, by medium and name.
        groups: the boxes around them.
    """

    found: gr.State
    ours: gr.State
    report: gr.HTML
    rest: gr.Column
    minutes: gr.Slider
    recipe: gr.Dropdown
    advice: gr.HTML
    name: gr.Textbox
    medium: gr.Dropdown
    seed: gr.Number
    again: gr.Button
    start: gr.Button
    wishes: dict[tuple[str, str], Any]
    groups: dict[str, gr.Column]

    @property
    def asked(self) -> list[Any]:
        """What a look takes, in the order of ``Asked``."""
        return [self.found, self.ours, self.minutes, self.medium, self.recipe, self.name, *self.wishes.values()]

    @property
    def told(self) -> list[Any]:
        """What a look changes."""
        suggested = [self.found, self.ours, self.recipe, self.advice, self.name]
        return [self.report, self.rest, *suggested, *self.groups.values()]


def room(desk: Desk) -> None:
    """Lays the room out inside an open tab."""
    with gr.Column(elem_classes="train-room"):
        heart = gr.HTML(_head(), head=f"<style>{asset('rooms.css')}</style>", js_on_load=pulse.WATCH)
        live = watching.panel(desk, heart)
        with gr.Row(equal_height=False):
            with gr.Column(scale=5, min_width=300, elem_classes="sheet"):
                sources = _sources()
            with gr.Column(scale=6, min_width=300, elem_classes="sheet"):
                report = gr.HTML(_nothing_yet(), js_on_load=None, apply_default_css=False)
        form = _form(report)
        kept = gr.Textbox(visible=False)  # only to carry what the browser remembers
    _looks(desk, sources, form)
    given = [form.found, form.ours, form.recipe, form.minutes, form.name, form.seed, *form.wishes.values()]
    form.start.click(
        desk.speaks(lambda *said: lesson.start(list(form.wishes), *said)),
        given,
        [live.which, live.seen, form.name, form.ours],
        **QUIET,
    ).success(desk.speaks(live.tell), live.inputs, live.outputs, **QUIET).success(None, js=SHOW)
    shown = [sources.kind, sources.files, sources.folder, sources.builtin, form.minutes]
    desk.page.load(desk.speaks(_remembered), kept, shown, js=REMEMBERED, **QUIET)


# ---- what one sees ---------------------------------------------------------------------------------------------------


def _head() -> str:
    return (
        f"<h2>{_('Train')}</h2><p class=soft>"
        f"{_('A model learns from your own works. They stay on this machine, and so does what it learns.')}</p>"
    )


def _nothing_yet() -> str:
    said = _("Here you will see how many of your works can be used, which not and why, and what to expect.")
    return f'<div class="empty"><p class="soft">{said}</p></div>'


def _sources() -> Sources:
    gr.HTML(f"<h3>{_('Works to learn from')}</h3>", js_on_load=None)
    kinds = [(_("Files"), "files"), (_("Folder"), "folder"), (_("Built-in collection"), "builtin")]
    kind = gr.Radio(kinds, value="files", show_label=False, container=False, elem_id="train-kind")
    files = gr.File(
        file_count="multiple",
        label=_("Drop works here, or a zip of their folder: its sub-folders become classes"),
        elem_id="train-files",
        height=180,
    )
    folder = gr.Dropdown(
        collecting.folders(),
        value=None,
        allow_custom_value=True,
        visible=False,
        label=_("A folder, zip or file of texts on this machine"),
        info=_("Choose one or type where it is, then press Enter. Sub-folders are classes."),
        elem_id="train-folder",
    )
    builtin = gr.Radio(
        [(_(one.title), name) for name, one in collecting.BUILTIN.items()],
        visible=False,
        label=_("Drawn, played and written by Bottega itself"),
        elem_id="train-builtin",
    )
    return Sources(kind, files, folder, builtin)


def _form(report: gr.HTML) -> Form:
    found, ours = gr.State(), gr.State(("", ""))
    with gr.Column(visible=False) as rest, gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=300, elem_classes="sheet"):
            gr.HTML(f"<h3>{_('How to learn')}</h3>", js_on_load=None)
            least, most = looking.MINUTES
            minutes = gr.Slider(least, most, BEGIN, step=0.25, label=_("Minutes"), elem_id="train-minutes")
            recipe = gr.Dropdown([], label=_("Recipe"), interactive=True, filterable=False, elem_id="train-recipe")
            name = gr.Textbox(label=_("Name of the model"), max_length=60, elem_id="train-name")
            with gr.Accordion(_("Preparation"), open=False):
                media = [(_("that of most files"), ""), *((_(one), one) for one in MEDIA)]
                medium = gr.Dropdown(media, value="", label=_("Medium"))
                wishes, groups = _preparations()
                seed = gr.Number(
                    0, precision=0, minimum=0, label=_("Seed"), info=_("Everything random follows from it.")
                )
                again = gr.Button(_("Look again"), size="sm")
            go = gr.Button(_("Start training"), variant="primary", elem_id="train-start")
        with gr.Column(scale=6, min_width=300, elem_classes="sheet"):
            advice = gr.HTML(js_on_load=None, apply_default_css=False)
    return Form(found, ours, report, rest, minutes, recipe, advice, name, medium, seed, again, go, wishes, groups)


def _preparations() -> tuple[dict[tuple[str, str], Any], dict[str, gr.Column]]:
    """The settings of every medium, each in a box that is seen when its medium is."""
    wishes: dict[tuple[str, str], Any] = {}
    groups = {}
    for medium, kind in PREPARATIONS.items():
        with gr.Column(visible=False) as groups[medium]:
            wishes |= {(medium, name): one for name, one in controls.controls(kind).items()}
    return wishes, groups


# ---- what happens ----------------------------------------------------------------------------------------------------


class _Looking:
    """Looks at one collection for each window: what another one is chosen for meanwhile, is called back."""

    def __init__(self, form: Form) -> None:
        self.errands: dict[str | None, Errand[Look]] = {}
        self.places, self.skipped = list(form.wishes), [gr.skip()] * (len(form.told) - 1)
        self.nothing = [_nothing_yet(), gr.Column(visible=False), None, *self.skipped[2:]]

    def __call__(self, choose: Choose, said: tuple[Any, ...], session: str | None) -> Iterator[list[Any]]:
        """What the form shows, step by step, while a collection is looked at."""
        asked = lesson.Asked.of(said, self.places)
        if before := self.errands.get(session):
            before.call_back()
        self.errands[session] = errand = Errand(lambda say: asked.look(choose(say), say))
        waited = SOON
        while not errand.over(waited):
            waited = AGAIN
            line = _("Looking at the works …")
            yield [panels.preparing(line, errand.done, errand.total), *self.skipped]
        if self.errands.get(session) is errand:
            del self.errands[session]  # or the collection would stay in memory
        try:
            found = errand.result()
        except CalledBack:
            return
        except Exception:
            yield self.nothing
            raise
        yield asked.suggestions(found)


def _looks(desk: Desk, sources: Sources, form: Form) -> None:
    """Looks at a collection when one is given, and again when it is to be learned in another way."""
    look = _Looking(form)

    def dropped(request: gr.Request, files: list[str] | None, *said: Any) -> Iterator[list[Any]]:
        if files:
            yield from look(lambda _say: collecting.dropped(files), said, request.session_hash)
        else:
            yield look.nothing

    def typed(request: gr.Request, words: str, *said: Any) -> Iterator[list[Any]]:
        yield from look(lambda _say: collecting.typed(words or ""), said, request.session_hash)

    def built_in(request: gr.Request, name: str, *said: Any) -> Iterator[list[Any]]:
        def write(say: Listener) -> Path:
            return collecting.write_builtin(name, lambda done, total: say(Preparing(done, total)))

        yield from look(write, said, request.session_hash)

    def once_more(request: gr.Request, *said: Any) -> Iterator[list[Any]]:
        if said[0] is not None:
            yield from look(lambda _say: said[0].source, said, request.session_hash)

    every: dict[str, Any] = {"trigger_mode": "multiple", "concurrency_limit": None, **QUIET}
    sources.files.change(desk.speaks(dropped), [sources.files, *form.asked], form.told, **every)
    sources.folder.input(desk.speaks(typed), [sources.folder, *form.asked], form.told, **every)
    sources.builtin.input(desk.speaks(built_in), [sources.builtin, *form.asked], form.told, **every)
    for event in (form.again.click, form.minutes.release, form.medium.input):
        event(desk.speaks(once_more), form.asked, form.told, **every)
    described = [form.found, form.ours, form.recipe, form.minutes, form.name]
    form.recipe.input(desk.speaks(lesson.described), described, [form.advice, form.name, form.ours], **QUIET)
    sources.kind.input(desk.speaks(_shown), sources.kind, [sources.files, sources.folder, sources.builtin], **QUIET)
    for event in (sources.kind.input, sources.folder.change, form.minutes.release):
        event(None, [sources.kind, sources.folder, form.minutes], None, js=REMEMBER)


def _shown(kind: str) -> list[Any]:
    """The control of one kind of source; the folders are those that there are now."""
    return [
        gr.File(visible=kind == "files"),
        gr.Dropdown(visible=kind == "folder", choices=collecting.folders()),
        gr.Radio(visible=kind == "builtin"),
    ]


def _remembered(text: str) -> list[Any]:
    """What was chosen when the page was open last, in this browser."""
    try:
        kept = dict(json.loads(text))
    except (TypeError, ValueError):
        kept = {}
    kind = next((one for one in ("folder", "builtin") if kept.get("kind") == one), "files")
    least, most = looking.MINUTES
    minutes = kept.get("minutes")
    files, folder, builtin = _shown(kind)
    if isinstance(kept.get("folder"), str):
        folder = gr.Dropdown(visible=kind == "folder", choices=collecting.folders(), value=kept["folder"])
    return [kind, files, folder, builtin, min(max(minutes, least), most) if isinstance(minutes, int | float) else BEGIN]
