"""What a work was made from and what was made from it."""

import pytest
from tests.library.conftest import record

from bottega.errors import UsageError
from bottega.library import lineage, models, works
from bottega.provenance import credentials


def test_ancestors_and_descendants_models_and_collections(library, picture, model):
    made = models.note(model("flowers"))
    first = works.note(picture("first.png", shade=1, model=made.hash, collection="c0" * 32))
    second = works.note(picture("second.png", shade=2, operation="vary", parents=[first.hash]))
    third = works.note(picture("third.png", shade=3, operation="style", parents=[second.hash, "ee" * 32]))
    works.note(picture("sibling.png", shade=4, operation="vary", parents=[first.hash]))
    found = works.lineage(second.id)
    assert found.nodes[0].id == second.id
    assert {(node.name, node.kind) for node in found.nodes} == {
        ("second", "work"),
        ("first", "work"),
        ("third", "work"),
        ("flowers", "model"),
        ("flowers", "collection"),
    }
    names = {node.id: node.name for node in found.nodes}
    assert {(names[child], names[parent]) for child, parent in found.edges} == {
        ("second", "first"),
        ("third", "second"),
        ("first", "flowers"),
        ("flowers", "flowers"),
    }
    last = works.lineage(third.id)
    unknown = next(node for node in last.nodes if node.missing)
    assert (unknown.id, unknown.kind, unknown.path) == ("ee" * 10, "work", None)
    assert (third.id, "ee" * 10) in last.edges


def test_a_parent_is_known_by_its_file_before_and_after_it_was_signed(library, picture):
    from bottega.provenance.record import sha256

    path = picture("parent.png")
    before = sha256(path)
    credentials.create("Ada")
    credentials.sign(path, record())
    after = sha256(path)
    parent = works.note(path)
    children = [works.note(picture(f"{i}.png", shade=i + 1, parents=[one])) for i, one in enumerate((before, after))]
    assert set(works.lineage(parent.id).edges) == {(child.id, parent.id) for child in children}
    assert [works.lineage(child.id).edges for child in children] == [[(child.id, parent.id)] for child in children]


def test_a_model_tells_what_it_learned_from_and_what_it_made(library, picture, model):
    folder = model("latent", b"prior")
    model("latent/codec", b"codec")
    inner, outer = models.note(folder / "codec"), models.note(folder)
    made = [works.note(picture(f"{i}.png", shade=i, model=outer.hash)) for i in range(3)]
    for name in ("latent", outer.id, folder):
        found = lineage.of(name)
        assert (found.nodes[0].id, found.nodes[0].kind) == (outer.id, "model")
        assert {(one.id, outer.id) for one in made} | {(outer.id, inner.id), (outer.id, "c0" * 10)} <= set(found.edges)


def test_a_model_that_is_not_here_is_told_with_its_collection(library, picture):
    entry = works.note(picture("a.png", model="ab" * 32, collection="cd" * 32))
    found = works.lineage(entry.id)
    assert set(found.edges) == {("ab" * 10, "cd" * 10), (entry.id, "ab" * 10)}
    assert [node.missing for node in found.nodes] == [False, True, True]


def test_circles_and_crowds_end(library, picture):
    parent = works.note(picture("a.png", shade=1))
    crowd = works.note(
        picture("b.png", shade=2, parents=[parent.hash] * 50 + [f"{i:03x}".ljust(64, "0") for i in range(600)])
    )
    entry = works.note(picture("c.png", shade=3, parents=[parent.hash, "c" * 64]))
    assert len(works.lineage(parent.id).nodes) == 3
    assert len(works.lineage(crowd.id).nodes) == lineage.MOST
    assert entry.id in {node.id for node in works.lineage(parent.id).nodes}


def test_nobody_is_related_to_nothing(library):
    with pytest.raises(UsageError, match="no work"):
        works.lineage("nothing")


def test_what_a_record_names_is_called_by_its_name(library, picture, model):
    made = models.note(model("flowers"))
    parent = works.note(picture("a.png"))
    told = {"model": made.hash, "collection": "c0" * 32, "parents": [parent.hash, "ee" * 32, 3]}
    assert lineage.called(told) == {made.hash: "flowers", "c0" * 32: "flowers", parent.hash: "a.png"}
    assert lineage.called({"parents": None}) == {}
