"""What is in hand, what can be done with it, and how that becomes a job."""

import json
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from tests.studio.shown import work

from bottega import editing
from bottega.errors import DataError, UsageError
from bottega.language import LANGUAGES, speaking
from bottega.library import jobs, works
from bottega.media import kinds
from bottega.studio.making import again, form, hand, marking, results
from bottega.studio.making import room as make
from bottega.studio.making.samples import SAMPLES, sample


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A small picture outside the library."""
    rows, columns = np.mgrid[:32, :32]
    file = tmp_path / "red flower.png"
    Image.fromarray(np.stack([rows * 8, columns * 8, rows * 0], 2).astype(np.uint8)).save(file)
    return file


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are put into the queue, and none is begun."""
    monkeypatch.setattr(jobs.queue, "kick", lambda: None)


def acts(*held: hand.Item) -> dict[str, str]:
    return {one.act: one.lacks for one in hand.offers(list(held), None)}


def item(medium: str, name: str = "") -> hand.Item:
    return hand.Item(name or medium, medium, medium, Path(f"{medium}.x"))


def test_a_dropped_file_gets_an_opaque_name_and_keeps_its_title(picture: Path) -> None:
    dropped = hand.drop(picture)
    assert hand.DROPPED.fullmatch(dropped.name)
    assert dropped.title == "red flower"
    assert hand.item(dropped.name).file == dropped.file
    assert "image/vary" in acts(dropped)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "drop-../secret.png", "/etc/passwd", "drop-" + "0" * 64 + ".png", ""]
)
def test_names_are_no_paths(name: str) -> None:
    with pytest.raises((UsageError, DataError)):
        hand.item(name)
    assert hand.items([name]) == []


def test_operations_apply_to_what_they_take() -> None:
    assert set(acts(item("audio"))) == {"audio/repair", "audio/stretch", "audio/pitch"}
    one, two = acts(item("image")), acts(item("image", "a"), item("image", "b"))
    assert one["image/vary"] == ""
    assert one["image/style"]  # lacks another one
    assert two["image/style"] == ""
    assert "image/vary" not in two  # it would leave one over
    both = {one.act: one for one in hand.offers([item("image"), item("video")], None)}
    assert [one.medium for one in both["image/animate"].more["motion"]] == ["video"]
    assert [name for name, _one in both["video/stylize"].roles] == ["film", "style"]  # in whichever order they came


def test_a_film_in_a_style_waits_for_a_picture_or_for_painted_frames() -> None:
    act, film, painted = "video/stylize", item("video"), {"keyframe": [item("image", "a"), item("image", "b")]}
    [alone] = [one for one in hand.offers([film], None) if one.act == act]
    assert alone.lacks == acts(item("image"))["image/style"]  # as other operations ask for a second work
    assert alone.instead == ["keyframe"]
    [given] = [one for one in hand.offers([film], None, given=painted, act=act) if one.act == act]
    assert (given.lacks, given.more) == ("", painted)
    [styled] = [one for one in hand.offers([film, item("image")], None) if one.act == act]
    assert (styled.lacks, styled.instead) == ("", [])
    others = hand.offers([film], None, given=painted, act="video/slow")
    assert next(one for one in others if one.act == act).lacks  # they were given to another act


def test_a_picture_to_be_set_in_motion_waits_for_a_film() -> None:
    def animate(**given: list[hand.Item]) -> hand.Offer:
        found = hand.offers([item("image")], None, given=given, act="image/animate")
        return next(one for one in found if one.act == "image/animate")

    assert animate().lacks and animate().instead == ["motion"]
    assert animate(motion=[item("video")]).lacks == ""
    assert len(animate(motion=[item("video", "a"), item("video", "b")]).more["motion"]) == 1  # it takes no more


def test_an_operation_that_needs_a_model_is_offered_where_there_are_models() -> None:
    words = hand.items([], "It was a dark night")
    assert hand.offers(words, None) == []
    offered = {one.act: one.lacks for one in hand.offers(words, None, frozenset({"text"}))}
    assert offered["text/continue"]


def test_words_that_name_a_file_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("no")
    for words in (str(secret), "notes.txt", "cat.png"):
        with pytest.raises(UsageError):
            hand.spoken(words)
    for words in ("Two lines\nof a poem.txt", "many words " * 30, "a nought \0 within"):
        assert hand.spoken(words) == words


def test_every_operation_can_be_drawn_and_is_named(picture: Path) -> None:
    for medium, each in editing.OPERATIONS.items():
        for name in each:
            assert hand.operation_of(f"{medium}/{name}").name == name
    with pytest.raises(UsageError):
        hand.operation_of("image/none")


def test_what_the_browser_kept_is_not_believed() -> None:
    assert make.complete(None) == make.KEPT
    odd = make.complete({"works": [1, "a" * 20, None], "typed": "x", "seed": "7", "stranger": 1})
    assert odd["works"] == ["a" * 20]
    assert odd["typed"] == {} and odd["seed"] == 0 and "stranger" not in odd
    odd["typed"]["x"] = {}
    assert make.KEPT["typed"] == {}
    assert make.complete({"more": {"mask": "a" * 20, "keyframe": ["b" * 20, 3]}})["more"] == {"keyframe": ["b" * 20]}


@pytest.mark.usefixtures("waiting")
def test_start_submits_a_job_with_files_and_what_was_set(picture: Path) -> None:
    dropped = hand.drop(picture)
    now = make.complete(
        {"works": [dropped.name], "titles": {dropped.name: "red flower"}, "act": "image/vary", "seed": 7}
    )
    job = form.start(now, {"distance": 0.2, "count": 1, "size": ""}, "zh")
    given = job.arguments
    assert (job.verb, job.origin, job.language) == ("edit", "page", "zh")
    assert given["works"] == [str(dropped.file)]
    assert (given["seed"], given["distance"]) == (7, 0.2)
    assert "count" not in given  # as it would be anyway
    assert Path(given["to"]).name == "red-flower-vary.png"


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Five frames of noise."""
    file = tmp_path / "sea.mkv"
    kinds.write(file, kinds.Film(np.random.default_rng(0).integers(0, 255, (5, 16, 16, 3), np.uint8), Fraction(5)))
    return file


@pytest.mark.usefixtures("waiting")
def test_painted_frames_and_moving_masks_are_dropped_where_they_are_asked_for(picture: Path, film: Path) -> None:
    now = make.complete({"works": [hand.drop(film).name], "act": "video/stylize"})
    with pytest.raises(UsageError, match="picture"):
        form.start(now, {}, "en")
    second = picture.with_name("two.png")
    Image.open(picture).rotate(90).save(second)
    now, *_shown = make.added(now, [str(picture), str(second), str(picture)], "keyframe")
    assert [now["titles"][name] for name in now["more"]["keyframe"]] == ["red flower", "two"]  # the same one once
    job = form.start(now, {}, "en")
    assert job.arguments["keyframe"] == [str(hand.item(name).file) for name in now["more"]["keyframe"]]
    assert make.arrange(now)[0]["more"] == now["more"]
    with pytest.warns(match="“Painted frame” takes a picture; “sea” is none."):
        now, *_shown = make.added(now, [str(film)], "keyframe")
    assert len(now["more"]["keyframe"]) == 2

    now, *_shown = make.decided(now, "video/inpaint")
    assert now["more"] == {}  # painted frames are no masks
    now, *_shown = make.added(now, str(film), "mask")
    assert form.start(now, {}, "en").arguments["mask"] == [str(hand.drop(film).file)]
    assert form.start(now, {}, "en", {"mask": "painted.png"}).arguments["mask"] == "painted.png"
    pictures = make.complete({"works": [hand.drop(picture).name], "act": "image/inpaint"})
    with pytest.warns(match="“Mask” takes a picture; “sea” is none."):
        make.added(pictures, str(film), "mask")


def test_what_was_given_beside_is_put_away_with_the_first_work_or_by_itself(picture: Path, film: Path) -> None:
    clip, flower = hand.drop(film).name, hand.drop(picture).name
    now = make.complete({"works": [clip, flower], "act": "video/stylize", "more": {"keyframe": [flower]}})

    def told(**message: object) -> dict:
        return make.sent(SimpleNamespace(language="en"))(json.dumps(message), now)[0]

    assert told(leave=flower)["more"] == {"keyframe": [flower]}
    assert told(spare="keyframe", work=flower)["more"] == {}
    assert told(leave=clip)["more"] == {}


@pytest.mark.usefixtures("waiting")
def test_start_says_what_is_lacking(picture: Path) -> None:
    now = make.complete({"works": [hand.drop(picture).name], "act": "image/style"})
    with pytest.raises(UsageError, match="picture"):
        form.start(now, {}, "en")
    with pytest.raises(UsageError, match="distance"):
        form.start(now | {"act": "image/vary"}, {"distance": 7.0}, "en")
    with pytest.raises(UsageError):
        form.start(now | {"works": []}, {}, "en")


def test_the_mask_is_what_was_painted() -> None:
    layer = np.zeros((4, 6, 4), np.uint8)
    assert marking.painted({"layers": [layer]}) is None
    layer[1, 2] = (214, 69, 65, 190)
    mask = marking.painted({"layers": [layer]})
    assert mask is not None and mask.shape == (4, 6)
    assert mask[1, 2] == 255 and mask.sum() == 255


def test_a_work_can_be_planned_again(picture: Path, home: Path) -> None:
    import bottega

    to = home / "works" / "tiled.png"
    to.parent.mkdir(parents=True, exist_ok=True)
    dropped = hand.drop(picture)
    bottega.edit("tile", dropped.file, to=to, seed=3, down=False)
    entry = works.note(to)
    plan = again.plan(entry)
    assert (plan.act, plan.works, plan.typed["down"]) == ("image/tile", [dropped.name], False)
    assert "data-send" in results.result(entry)
    assert str(home) not in results.result(entry)
    dropped.file.unlink()
    with pytest.raises(DataError):
        again.plan(entry)


def test_a_work_that_was_not_made_here_cannot_be_made_again(picture: Path, home: Path) -> None:
    with pytest.raises(DataError):
        again.plan(works.note(picture))


@pytest.mark.parametrize("name", list(SAMPLES))
@pytest.mark.parametrize("language", LANGUAGES)
def test_samples_are_works_to_begin_with(name: str, language: str, tmp_path: Path) -> None:
    with speaking(language):
        assert hand.drop(sample(name, tmp_path)).medium in editing.OPERATIONS


def test_nothing_yet_is_said_kindly() -> None:
    answer = results.results()
    assert answer["active"] == "" and "empty" in answer["done"]


@pytest.mark.usefixtures("waiting")
def test_jobs_are_shown_until_the_page_has_seen_them(picture: Path) -> None:
    now = make.complete({"works": [hand.drop(picture).name], "act": "image/tile"})
    job = form.start(now, {}, "en")
    answer = results.results()
    assert answer["busy"] and job.id in answer["active"]
    results.cancel(job.id)
    ended = results.results(answer["seen"])
    assert not ended["busy"]


def test_titles_of_dropped_files_cannot_run() -> None:
    shown = make.cards([hand.Item("drop-" + "0" * 64 + ".png", "image", "<img src=x onerror=alert(1)>", Path("x.png"))])
    assert "<img src=x" not in shown


def test_a_mask_comes_back_with_the_work_it_was_painted_on(home: Path) -> None:
    pixels = np.arange(24 * 24 * 3, dtype=np.uint8).reshape(24, 24, 3)
    first, mask = work("sea.png", pixels), work("mask.png", pixels[::-1])
    parents, inputs = (first.hash, mask.hash), {"picture": 1, "mask": 1}
    told: dict = {"parents": parents, "inputs": inputs, "said": {}, "settings": {"detail": 8}, "medium": "image"}
    plan = again.plan(work("sky.png", pixels[:, ::-1], "inpaint", **told))
    assert (plan.act, plan.works, plan.more) == ("image/inpaint", [first.id], {"mask": [mask.id]})
    with pytest.raises(DataError, match="cannot be followed"):
        again.plan(work("odd.png", pixels[::-1, ::-1], "inpaint", **told | {"inputs": {"picture": 1}}))


@pytest.mark.usefixtures("waiting")
def test_a_work_that_another_one_set_in_motion_is_made_again_with_both(home: Path) -> None:
    pixels = np.arange(24 * 24 * 3, dtype=np.uint8).reshape(24, 24, 3)
    first, clip = work("sea.png", pixels), work("clip.mkv", kinds.Film(np.stack([pixels] * 4), Fraction(4)))
    told: dict = {"parents": (first.hash, clip.hash), "inputs": {"picture": 1, "motion": 1}, "said": {}, "settings": {}}
    made = work("moved.mkv", kinds.Film(np.stack([pixels[::-1]] * 4), Fraction(4)), "animate", **told, medium="image")
    plan = again.plan(made)
    now = make.complete({"works": plan.works, "act": plan.act, "more": plan.more})
    assert form.start(now, plan.typed, "en").arguments["motion"] == [str(clip.path)]


def test_words_that_were_said_come_back(home: Path) -> None:
    told: dict = {"inputs": {"text": 1}, "said": {"0": "The sea"}, "settings": {}, "medium": "text"}
    plan = again.plan(work("sea.md", "The sea was grey.", "continue", **told))
    assert (plan.act, plan.works, plan.words) == ("text/continue", [], "The sea")


def test_of_a_long_film_only_the_head_is_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = np.zeros((40, 16, 16, 3), np.uint8)
    frames[0, :, :, 0] = 255
    kinds.write(home / "long.mp4", kinds.Film(frames, Fraction(8)))
    monkeypatch.setattr(kinds, "read", lambda _file: pytest.fail("all of it was read"))
    film = hand.drop(home / "long.mp4")
    assert film.seconds == pytest.approx(5, abs=0.3)
    with Image.open(marking.canvas(film).value["background"]["path"]) as shown:
        assert shown.size == (marking.CANVAS, marking.CANVAS) and np.asarray(shown)[..., 0].mean() > 200
