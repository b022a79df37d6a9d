"""A page that needs no network: sections made of blocks, in English and Chinese at once.

A new medium adds a :class:`Section`, and a block when it has something new to show (a player, a score); nothing else on
the page changes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Protocol


@dataclass(frozen=True)
class Words:
    """One text in both languages; a part between backticks is set as code. Names of files are never put in here."""

    en: str
    zh: str

    def html(self) -> str:
        return f'<span lang="en">{_marked(self.en)}</span><span lang="zh-CN">{_marked(self.zh)}</span>'

    def attributes(self, name: str) -> str:
        """As an attribute the language switch can change."""
        en, zh = escape(self.en, quote=True), escape(self.zh, quote=True)
        return f'{name}="{en}" data-{name}-en="{en}" data-{name}-zh="{zh}"'


Text = Words | str  # a plain string is the same in both languages: a name, a number


def html(text: Text) -> str:
    """Words as two spans, a plain string escaped."""
    return text.html() if isinstance(text, Words) else escape(text)


def figure(value: float, floor: float | None, *, percent: bool = False) -> str:
    """A measured number, and in brackets what real works score in its place."""
    shape = "{:.1%}" if percent else "{:.3g}"
    return shape.format(value) + ("" if floor is None else f" ({shape.format(floor)})")


def _marked(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


class Block(Protocol):
    """Anything that can stand in a section."""

    def html(self) -> str:
        """Its markup, escaped."""
        ...


@dataclass(frozen=True)
class Prose:
    """A paragraph."""

    text: Words

    def html(self) -> str:
        return f"<p>{self.text.html()}</p>"


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    text: Words

    def html(self) -> str:
        return f"<h3>{self.text.html()}</h3>"


@dataclass(frozen=True)
class Facts:
    """Numbers with what they are."""

    items: Sequence[tuple[Words, Text]]

    def html(self) -> str:
        rows = "".join(f"<div><dt>{name.html()}</dt><dd>{html(value)}</dd></div>" for name, value in self.items)
        return f'<dl class="facts">{rows}</dl>'


@dataclass(frozen=True)
class Picture:
    """One picture file beside the page."""

    file: str
    alt: Words
    caption: Text | None = None

    def html(self) -> str:
        caption = f"<figcaption>{html(self.caption)}</figcaption>" if self.caption else ""
        return f'<figure><img src="{escape(self.file)}" {self.alt.attributes("alt")} loading="eager">{caption}</figure>'


@dataclass(frozen=True)
class Rows:
    """Long narrow pictures under each other, each with its name: a class a row."""

    items: Sequence[tuple[str, str, Words]]  # (name, file, alt)

    def html(self) -> str:
        rows = "".join(
            f"<tr><th scope='row'>{escape(name)}</th><td><img src=\"{escape(file)}\" {alt.attributes('alt')}></td></tr>"
            for name, file, alt in self.items
        )
        return f'<table class="rows"><tbody>{rows}</tbody></table>'


@dataclass(frozen=True)
class Strip:
    """Pictures side by side, in the order of time."""

    pictures: Sequence[Picture]

    def html(self) -> str:
        return f'<div class="strip">{"".join(p.html() for p in self.pictures)}</div>'


@dataclass(frozen=True)
class Poem:
    """A text with its lines, and what it is."""

    text: str
    caption: Text

    def html(self) -> str:
        caption = f"<figcaption>{html(self.caption)}</figcaption>"
        return f'<figure class="poem"><blockquote>{escape(self.text)}</blockquote>{caption}</figure>'


@dataclass(frozen=True)
class Poems:
    """Texts side by side."""

    poems: Sequence[Poem]

    def html(self) -> str:
        return f'<div class="poems">{"".join(poem.html() for poem in self.poems)}</div>'


@dataclass(frozen=True)
class Heard:
    """A sound beside the page that can be played, and how it looks."""

    file: str
    picture: str
    alt: Words
    caption: Text

    def html(self) -> str:
        return (
            f'<figure class="heard"><img src="{escape(self.picture)}" {self.alt.attributes("alt")}>'
            f'<audio controls preload="none" src="{escape(self.file)}"></audio>'
            f"<figcaption>{html(self.caption)}</figcaption></figure>"
        )


@dataclass(frozen=True)
class Watched:
    """A film beside the page, without sound, that plays again and again."""

    file: str
    caption: Text

    def html(self) -> str:
        film = f'<video src="{escape(self.file)}" autoplay loop muted playsinline controls></video>'
        return f'<figure class="watched">{film}<figcaption>{html(self.caption)}</figcaption></figure>'


@dataclass(frozen=True)
class Players:
    """Sounds or films side by side."""

    works: Sequence[Heard | Watched]

    def html(self) -> str:
        return f'<div class="players">{"".join(work.html() for work in self.works)}</div>'


@dataclass(frozen=True)
class Drawings:
    """Inline SVG drawn by our own code."""

    svgs: Sequence[str]

    def html(self) -> str:
        return f'<div class="drawings">{"".join(self.svgs)}</div>'


@dataclass(frozen=True)
class Measure:
    """A figure, its floor, and what both mean for somebody who paints."""

    name: Words
    value: str
    floor: str
    meaning: Words
    share: float  # 0 … 1: how far the bar reaches
    floor_share: float | None = None  # where the floor is marked on the bar

    def html(self) -> str:
        mark = f'<i style="left:{self.floor_share:.1%}"></i>' if self.floor_share is not None else ""
        floor = Words(f"real works: {self.floor}", f"真实作品：{self.floor}").html()
        return (
            f'<div class="measure"><div class="figure"><b>{escape(self.value)}</b><small>{floor}</small></div>'
            f'<div><h4>{self.name.html()}</h4><div class="bar" aria-hidden="true"><span style="width:{self.share:.1%}">'
            f"</span>{mark}</div><p>{self.meaning.html()}</p></div></div>"
        )


@dataclass(frozen=True)
class Commands:
    """Command lines, each with what it does."""

    items: Sequence[tuple[Words, str]]

    def html(self) -> str:
        return "".join(
            f'<p class="does">{what.html()}</p><pre><code>{escape(line)}</code></pre>' for what, line in self.items
        )


@dataclass(frozen=True)
class Folded:
    """A list that opens on request."""

    title: Words
    lines: Sequence[str]

    def html(self) -> str:
        lines = "".join(f"<li>{escape(line)}</li>" for line in self.lines)
        return f"<details><summary>{self.title.html()}</summary><ul>{lines}</ul></details>"


@dataclass(frozen=True)
class Section:
    """A part of the page."""

    title: Words
    blocks: Sequence[Block]

    def html(self, number: int) -> str:
        body = "\n".join(block.html() for block in self.blocks)
        title = f'<h2 id="s{number}"><b>{number}</b>{self.title.html()}</h2>'
        return f'<section aria-labelledby="s{number}">{title}\n{body}</section>'


def write(path: Path, title: Words, lead: Words, hero: Sequence[Picture], sections: Sequence[Section]) -> Path:
    """Write the page; pictures lie beside it already."""
    template = Template(resources.files("bottega.demo").joinpath("page.html").read_text(encoding="utf-8"))
    path.write_text(
        template.substitute(
            title_en=escape(title.en),
            title_zh=escape(title.zh),
            title=title.html(),
            lead=lead.html(),
            hero="".join(picture.html() for picture in hero),
            sections="\n".join(section.html(i) for i, section in enumerate(sections, 1)),
        ),
        encoding="utf-8",
    )
    return path
