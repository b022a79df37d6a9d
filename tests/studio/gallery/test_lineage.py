"""The picture of a lineage."""

from dataclasses import dataclass
from xml.etree import ElementTree

import pytest
from tests.studio.shown import EVIL

from bottega.language import speaking
from bottega.studio.gallery import lineage


@dataclass(frozen=True)
class Node:
    id: str
    kind: str = "work"
    name: str = "a work"
    missing: bool = False


def drawn(
    nodes: list[Node], edges: list[tuple[str, str]], here: str, pictures: dict | None = None, words: dict | None = None
) -> ElementTree.Element:
    def look(node: Node) -> tuple[str, str]:
        return (pictures or {}).get(node.id, ""), (words or {}).get(node.id, "")

    return ElementTree.fromstring(lineage.drawing(nodes, edges, here, look))


def test_each_stands_to_the_right_of_all_its_parents() -> None:
    columns = lineage.layers("abcd", [("b", "a"), ("c", "b"), ("c", "a"), ("d", "c"), ("d", "a")])
    assert columns == [["a"], ["b"], ["c"], ["d"]]


def test_a_model_stands_beside_what_it_made() -> None:
    edges = [("b", "a"), ("c", "b"), ("d", "c"), ("d", "model")]
    assert lineage.layers(["a", "b", "c", "d", "model"], edges) == [["a"], ["b"], ["c", "model"], ["d"]]


def test_a_circle_that_somebody_forged_comes_to_an_end() -> None:
    edges = [("a", "b"), ("b", "a"), ("c", "b")]
    assert sorted(one for column in lineage.layers("abc", edges) for one in column) == ["a", "b", "c"]
    assert drawn([Node(one) for one in "abc"], edges, "a").tag == "svg"


def test_lines_cross_as_little_as_possible() -> None:
    columns = lineage.untangled([["a", "b"], ["x", "y"]], [("x", "b"), ("y", "a")])
    assert [columns[0].index("a") < columns[0].index("b")] == [columns[1].index("y") < columns[1].index("x")]


def test_of_many_children_some_are_drawn_and_the_others_counted() -> None:
    nodes = [Node("here"), *(Node(f"child-{i}") for i in range(40))]
    svg = drawn(nodes, [(node.id, "here") for node in nodes[1:]], "here")
    boxes = [one for one in svg if one.get("class", "").startswith("node")]
    assert len(boxes) == lineage.MOST
    assert [one.text for one in svg if one.get("class") == "more"] == [f"and {40 - lineage.MOST + 1} more"]


def test_only_what_is_drawn_is_looked_at() -> None:
    nodes, looked = [Node("here"), *(Node(f"child-{i}") for i in range(40))], []
    edges = [(node.id, "here") for node in nodes[1:]]
    lineage.drawing(nodes, edges, "here", lambda node: looked.append(node.id) or ("", ""))
    assert len(looked) == lineage.MOST
    lineage.drawing([Node("here", missing=True)], [], "here", lambda node: pytest.fail("it is not here"))


def test_the_work_it_is_about_is_always_drawn() -> None:
    nodes = [Node("model", "model"), *(Node(f"work-{i}") for i in range(40))]
    svg = drawn(nodes, [(node.id, "model") for node in nodes[1:]], "work-33")
    assert [one.get("data-work") for one in svg if one.get("class") == "node work here"] == ["work-33"]


def test_what_is_not_here_cannot_be_opened() -> None:
    nodes = [Node("a"), Node("b", missing=True), Node("c", "collection"), Node("m", "model")]
    svg = drawn(nodes, [("a", "b"), ("a", "m"), ("m", "c")], "a", pictures={"a": "/media/a/thumb"})
    opened = {kind: one.get(f"data-{kind}") for one in svg for kind in ("work", "model") if one.get(f"data-{kind}")}
    assert opened == {"work": "a", "model": "m"}


def test_names_and_words_from_files_are_only_text() -> None:
    svg = lineage.drawing([Node(EVIL, name=EVIL), Node("b")], [("b", EVIL)], "b", lambda _node: ("", EVIL))
    assert "<img" not in svg
    assert EVIL in "".join(ElementTree.fromstring(svg).itertext())


def test_it_speaks_chinese() -> None:
    with speaking("zh"):
        assert "模型" in "".join(drawn([Node("a"), Node("m", "model")], [("a", "m")], "a").itertext())


@pytest.mark.parametrize(
    ("name", "shown"),
    [("short", "short"), ("a name that is far too long", "a name that is f…"), ("一幅" * 9, "一幅" * 3 + "一…")],
)
def test_long_names_are_cut_where_the_box_ends(name: str, shown: str) -> None:
    assert lineage.clipped(name) == shown


def test_words_are_broken_between_words() -> None:
    assert lineage.lines_of("The wind goes knocking through the town") == [
        "The wind goes",
        "knocking through",
        "the town",
    ]
    assert "".join(lineage.lines_of("海" * 30)) == "海" * 30
    assert len(lineage.lines_of("one two three " * 40)) == 5
