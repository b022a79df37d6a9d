"""Throwing away and taking back: files move, and none is ever deleted."""

import shutil

import numpy as np
import pytest
from tests.library.conftest import record

from bottega.errors import DataError, UsageError
from bottega.library import models, scan, trash, works
from bottega.media import kinds
from bottega.training.lock import locked


def test_a_work_goes_to_the_trash_and_comes_back(library, home, picture):
    path = picture("flowers/a.png")
    data, id = path.read_bytes(), works.note(path).id
    works.rate(id, 4)
    thrown = works.trash(id)
    assert (thrown.path, thrown.trashed) == (home / "trash" / "works" / "flowers" / "a.png", True)
    assert not path.exists() and thrown.path.read_bytes() == data
    assert (works.find().total, works.find(trashed=True).total, works.tags()) == (0, 1, {})
    assert works.trash(id) == thrown, "twice is once"
    back = works.restore(id)
    assert (back.path, back.trashed, back.rating) == (path, False, 4)
    assert path.read_bytes() == data
    assert works.restore(id) == back
    assert scan.scan().new == 0
    assert works.get(id) == back


def test_what_comes_back_never_takes_the_place_of_another(library, picture):
    path = picture("a.png", shade=1)
    id = works.note(path).id
    works.trash(id)
    other = works.note(picture("a.png", shade=2))
    back = works.restore(id)
    assert back.path == path.with_name("a-1.png")
    assert works.get(other.id).path == path
    works.trash(id)
    works.trash(other.id)
    assert works.restore(id).path.name == "a-1.png"


def test_works_of_one_name_lie_side_by_side_in_the_trash(library, home, picture):
    ids = []
    for shade in range(3):
        ids.append(works.note(picture("a.png", shade=shade)).id)
        works.trash(ids[-1])
    assert sorted(path.name for path in (home / "trash" / "works").iterdir()) == ["a-1.png", "a-2.png", "a.png"]
    assert [works.restore(id).path.name for id in ids] == ["a.png", "a-1.png", "a-2.png"]


def test_a_work_from_elsewhere_goes_back_to_where_it_was(library, home, picture, tmp_path):
    path = picture(tmp_path / "mine" / "a.png")
    id = works.note(path).id
    assert works.trash(id).path == home / "trash" / "elsewhere" / "a.png"
    assert works.restore(id).path == path
    works.trash(id)
    (home / "notes.jsonl").unlink()
    assert works.restore(id).path == home / "works" / "a.png", "when nobody remembers, among the works"


def test_all_copies_go_and_come_back(library, picture):
    path = picture("a.png")
    id = works.note(path).id
    shutil.copy2(path, path.with_name("copy.png"))
    scan.scan()
    works.trash(id)
    assert not path.exists() and not path.with_name("copy.png").exists()
    assert works.find().total == 0
    works.restore(id)
    assert path.exists() and path.with_name("copy.png").exists()


def test_what_lies_beside_a_score_goes_with_it(library, home):
    from bottega.crafts import score as craft
    from bottega.media.score import Score, Track

    path = home / "works" / "tune.mid"
    path.parent.mkdir()
    tune = Score([Track("", 0, False, np.array([[0, 480, 60, 80]], np.int32))])
    kinds.write(path, tune, record())
    beside = craft.beside(path, tune)
    scan.scan()
    assert works.find().total == 1
    id = works.find().entries[0].id
    works.trash(id)
    assert not any(one.exists() for one in (path, *beside))
    works.restore(id)
    assert all(one.exists() for one in (path, *beside))


def test_a_model_goes_to_the_trash_with_its_codec_and_its_works_stay(library, home, model, picture):
    folder = model("latent", b"prior")
    model("latent/codec", b"codec")
    entry = models.note(folder)
    models.note(folder / "codec")
    work = works.note(picture("a.png", model=entry.hash))
    thrown = trash.trash_model("latent")
    assert (thrown.path, thrown.trashed) == (home / "trash" / "models" / "latent", True)
    assert (models.all(), [one.id for one in models.all(trashed=True)]) == ([], [entry.id])
    assert models.get(entry.id).path == models.get("latent").path == thrown.path
    assert works.get(work.id).model_name == "latent"
    scan.scan()
    assert models.get(entry.id) == thrown
    assert trash.restore_model(entry.id).path == folder
    assert (folder / "codec" / "model.safetensors").read_bytes() == b"codec"
    assert [one.id for one in models.all()] == [entry.id]


def test_a_model_that_learns_stays(library, model):
    models.note(model("flowers"))
    with locked(model("flowers") / "training"), pytest.raises(UsageError, match="training"):
        trash.trash_model("flowers")
    assert models.all()[0].path.exists()
    assert trash.trash_model("flowers").trashed


def test_what_is_gone_cannot_be_thrown_away(library, model, picture):
    path = picture("a.png")
    id = works.note(path).id
    path.unlink()
    with pytest.raises(DataError, match="gone"):
        works.trash(id)
    folder = model("flowers")
    models.note(folder)
    shutil.rmtree(folder)
    with pytest.raises(DataError, match="gone"):
        trash.trash_model("flowers")
    with pytest.raises(UsageError):
        works.trash("nothing")


def test_where_things_go_back_to_stays_within_reason(library, home, picture):
    """A line of the journal, or a name in the trash, that leads astray."""
    (home / "trash").mkdir()
    picture(home / "trash" / "elsewhere" / "a.png", shade=1)
    picture(home / "trash" / "b.png", shade=2)
    scan.scan()
    found = {entry.path.name: entry.id for entry in works.find(trashed=True).entries}
    assert works.restore(found["a.png"]).path == home / "works" / "a.png"
    assert works.restore(found["b.png"]).path == home / "b.png"
