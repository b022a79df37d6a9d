"""The demo: the main job on the built-in collection, and a page that shows it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottega.demo import changes, listening, page, sections, watching, writing
from bottega.demo.facts import DemoFacts, Figure
from bottega.events import Listener, Said, nobody
from bottega.language import _

if TYPE_CHECKING:
    from bottega.models import Model

__all__ = ["DemoFacts", "Figure", "make_page", "run"]

PICTURES, TEXTS, SOUNDS, TUNES, FILMS = 4000, 1200, 48, 320, 160  # of the built-in collections
TEXT_SHARE, SOUND_SHARE, TUNE_SHARE, FILM_SHARE = 0.6, 0.8, 0.8, 1.2  # of the minutes for pictures: what others need
MEASURED = 400  # works made for the figures: enough for them, and quick


def make_page(folder: Path, facts: DemoFacts) -> Path:
    """Write ``folder/index.html`` and the picture files it shows; returns the page."""
    folder.mkdir(parents=True, exist_ok=True)
    return page.write(
        folder / "index.html",
        page.Words("New works in the same hand", "同一手笔的新作"),
        page.Words(
            f"{facts.used - facts.held_out:,} pictures, {facts.minutes:.1f} minutes, no download: a model learned how "
            "they are made and then made its own.",
            f"{facts.used - facts.held_out:,} 幅图片，{facts.minutes:.1f} 分钟，无需下载："
            "模型学会了它们的画法，然后画出了自己的。",
        ),
        sections.hero(folder, facts),
        [
            *([changes.section(folder, facts.changes)] if facts.changes else []),
            sections.went_in(folder, facts),
            sections.trained(folder, facts),
            sections.came_out(folder, facts),
            *([writing.section(facts.writing)] if facts.writing else []),
            *([listening.sound_section(facts.sounds)] if facts.sounds else []),
            *([listening.tune_section(facts.tunes)] if facts.tunes else []),
            *([watching.film_section(facts.films)] if facts.films else []),
            sections.your_turn(facts),
        ],
    )


def run(
    folder: Path,
    minutes: float = 2.5,
    seed: int = 0,
    on_event: Listener = nobody,
    count: int = PICTURES,
) -> Path:
    """Change a few drawings, learn from a whole collection, make new works, measure them: all of it on one page.

    Args:
        folder: where everything goes: ``changes/``, ``collection/``, ``model/``, ``works/`` and ``index.html``. A demo
            that was interrupted goes on; of one that is complete the page is there already.
        minutes: of training.
        seed: everything random follows from it.
        on_event: told what happens, as by ``verbs.train``.
        count: pictures in the collection.

    Returns:
        The page.
    """
    from bottega import verbs
    from bottega.datasets.builtin import write_collection
    from bottega.datasets.prepared import prepare
    from bottega.models import load_model
    from bottega.training.log import read

    folder = Path(folder)
    if (folder / "index.html").exists():  # it is written last
        said = _("The demo in {folder} is complete. For another one, name another folder with --to.")
        on_event(Said(said.format(folder=folder)))
        return folder / "index.html"
    folder.mkdir(parents=True, exist_ok=True)
    changed = changes.make(folder / "changes", seed, on_event)
    on_event(Said(_("Drawing {count:,} pictures …").format(count=count)))
    collection = write_collection(folder / "collection", count=count)
    place = folder / "model"
    if (place / "config.json").exists():
        model = load_model(place)
    else:
        model = verbs.train(collection, to=place, minutes=minutes, seed=seed, on_event=on_event)
    on_event(Said(_("Making new works …")))
    new = {  # each class from its own seed: from the same one they would share their colours
        name: model.generate_pixels(sections.A_ROW, seed=seed + number, label=name)
        for number, name in enumerate(model.classes)
    }
    if not (folder / "works").exists():
        verbs.generate(model, 16, to=folder / "works", seed=seed)
    on_event(Said(_("Measuring …")))
    evaluation = verbs.evaluate(model, against=collection, n=MEASURED, seed=seed, on_event=on_event)
    given = model.facts["prepared"]
    data = prepare(collection, size=tuple(given["size"]), fit=given["fit"], alpha=given["alpha"])
    assert data.labels is not None  # the built-in collection has classes
    originals = {
        name: data.rows(data.train[data.labels[data.train] == i][: sections.A_ROW])
        for i, name in enumerate(data.classes)
    }
    share = count / PICTURES
    written = writing.make(folder, minutes * TEXT_SHARE, seed, on_event, round(TEXTS * share))
    heard = listening.sounds(folder, minutes * SOUND_SHARE, seed, on_event, max(16, round(SOUNDS * share)))
    composed = listening.tunes(folder, minutes * TUNE_SHARE, seed, on_event, max(40, round(TUNES * share)))
    watched = watching.films(folder, minutes * FILM_SHARE, seed, on_event, max(32, round(FILMS * share)))
    shown = _told(model, read(place / "training"), place)
    facts = DemoFacts(
        originals=originals,
        new=new,
        used=data.report.used,
        held_out=len(data.held_out),
        skipped=[(skip.name, skip.reason) for skip in data.report.skipped],
        duplicates=len(data.report.duplicates),
        figures=[Figure(name, f.value, f.floor) for name, f in evaluation.figures.items() if f.value is not None],
        closest=evaluation.closest_pairs,
        commands=_commands(folder),
        changes=changed,
        writing=written,
        sounds=heard,
        tunes=composed,
        films=watched,
        **shown,
    )
    return make_page(folder, facts)


def _told(model: "Model", log: list[dict[str, Any]], place: Path) -> dict[str, Any]:
    """What the model and its diary say about the training."""
    known, curves = model.facts, {}
    for record in log:
        if record["what"] == "step":
            for name, value in record["losses"].items():
                if value is not None:
                    curves.setdefault(name, []).append((record["step"], value))
    drawn = {r["step"]: place / "training" / "previews" / r["path"] for r in log if r["what"] == "previewed"}
    return {
        "recipe": model.recipe.name,
        "recipe_title": model.recipe.title,
        "recipe_source": model.recipe.source,
        "minutes": known["minutes"],
        "steps": known["steps"],
        "works_seen": known["seen"],
        "works_per_second": known["seen_per_second"],
        "machine": known["machine"],
        "seed": known["seed"],
        "curves": curves,
        "previews": [(step, path) for step, path in sorted(drawn.items()) if path.exists()],
    }


def _commands(folder: Path) -> Mapping[str, str]:
    return {
        "train": "bottega train FOLDER --to my-model --minutes 10",
        "generate": "bottega generate my-model -n 16 --class NAME --to new-works",
        "evaluate": "bottega evaluate my-model",
        "demo": f"bottega demo --to {folder.name}-2 --minutes 10",
    }
