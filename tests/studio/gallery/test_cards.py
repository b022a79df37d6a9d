"""Works as HTML."""

from html import unescape
from html.parser import HTMLParser

import pytest
from tests.studio.shown import EVIL, TEXT, one_of_each, work

from bottega.library import works
from bottega.studio.gallery import cards

VOID = {"img", "input"}


class Reader(HTMLParser):
    """Tags as a browser finds them; fails where one is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(html: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader.found


def test_nothing_that_people_or_files_say_becomes_html() -> None:
    shown = one_of_each()
    for entry in shown.values():
        works.name(entry.id, EVIL)
        works.tag(entry.id, [EVIL])
    entries = [works.get(entry.id) for entry in shown.values()]
    for entry in entries:
        pieces = (cards.card(entry), cards.whole(entry), cards.record(entry.record), cards.tags(entry))
        html = "".join((*pieces, cards.buttons(entry), cards.relatives(EVIL, entries)))
        assert all("onerror" not in attributes for _tag, attributes in read(html))
        assert EVIL in unescape(html)
    assert all("onerror" not in attributes for _tag, attributes in read(cards.beside(entries)))


def test_each_medium_shows_itself() -> None:
    shown = one_of_each()
    assert 'src="/media/' in cards.whole(shown["picture"])
    assert "<audio" in cards.whole(shown["sound"]) and "/play" in cards.whole(shown["sound"])
    assert unescape(cards.whole(shown["text"])).endswith(f"{TEXT}\n{EVIL}</blockquote>")
    assert TEXT.split("\n")[0] in cards.card(shown["text"])
    assert 'data-do="play"' in cards.card(shown["sound"]) and 'data-do="play"' not in cards.card(shown["text"])


def test_a_long_text_is_cut_where_it_has_no_spaces_too() -> None:
    entry = work("long.md", "海\n" + "浪" * 5000, seed=1)
    assert cards.card(entry).count("浪") == cards.FIRST - 2
    assert cards.whole(entry).count("浪") == 5000


def test_a_text_that_is_gone_says_so_without_its_place() -> None:
    entry = one_of_each()["text"]
    cards.card(entry)
    entry.path.unlink()
    for html in (cards.card(entry), cards.whole(entry)):
        assert str(entry.path.parent) not in html and "Errno" not in html


def test_small_pictures_are_shown_pixel_by_pixel_when_looked_at() -> None:
    shown = one_of_each()
    assert 'class="pixels"' in cards.whole(shown["picture"]) and "pixels" not in cards.card(shown["picture"])


def test_side_by_side_a_pixel_is_as_large_in_both() -> None:
    shown = one_of_each()
    html = cards.beside([shown["picture"], shown["child"]])
    assert [at["style"] for tag, at in read(html) if tag == "figure"] == ["--share:0.5000", "--share:1.0000"]
    assert "together" not in html
    assert "together" in cards.beside([shown["sound"], shown["sound"]])


def test_only_what_is_different_is_compared() -> None:
    shown = one_of_each()
    html = cards.differences([shown["picture"], shown["child"]])
    assert "vary" in html and "seed" in html
    assert "torch" not in html  # made with the same versions
    assert cards.differences([shown["picture"], shown["picture"]]) == ""


@pytest.mark.parametrize("rating", range(6))
def test_stars_say_how_many_are_lit(rating: int) -> None:
    found = read(cards.stars(rating))
    assert found[0][1]["aria-valuenow"] == str(rating)
    assert sum(attributes.get("class") == "lit" for _tag, attributes in found) == rating


def test_a_work_that_was_never_made_here_has_no_again() -> None:
    shown = one_of_each()
    offered = [
        attributes.get("data-do") for tag, attributes in read(cards.buttons(shown["picture"])) if tag == "button"
    ]
    assert offered == ["again", "vary", "parent", "remake", "download", "trash"]
    private = works.Entry(**{**vars(shown["picture"]), "record": {"digital_source_type": "trainedAlgorithmicMedia"}})
    assert "remake" not in cards.buttons(private)


def test_every_operation_has_its_word() -> None:
    from bottega import editing

    names = {name for operations in editing.OPERATIONS.values() for name in operations}
    assert names | {"generate"} == set(cards.DONE)
