"""The sheet of the longest copies: each beside the work it stands in, for people to judge."""

import re
from collections.abc import Sequence

from bottega.evaluation.texts.copies import CopyAudit
from bottega.language import _

SHOWN = 12
AROUND = 120  # characters shown before and after a passage


def sheet(found: CopyAudit, texts: Sequence[str], works: Sequence[str], names: Sequence[str], chance: CopyAudit) -> str:
    """Markdown: the longest passage of each text, longest first, in the text and in the training work it stands in.

    Args:
        found: the audit of the texts.
        works: the training works it searched; names: where each comes from.
        chance: the audit of held-out works, which nobody can have copied.
    """
    lines = [f"# {_('The longest copies')}", ""]
    by_chance = _("Held-out works, which cannot have been copied, match training works in up to {most} words in a row.")
    lines += [by_chance.format(most=chance.most), ""]
    if not found.longest:
        lines += [_("No word of the new texts stands in a training work."), ""]
    for copy in found.longest[:SHOWN]:
        title = _("Text {number}: {units} words or characters from “{work}”")
        lines += [f"## {title.format(number=copy.text + 1, units=copy.units, work=plain(names[copy.work]))}", ""]
        lines += [_("In the new text:"), "", *quoted(texts[copy.text], copy.begin, copy.end), ""]
        lines += [_("In the training work:"), "", *quoted(works[copy.work], *copy.source(works[copy.work])), ""]
    return "\n".join(lines)


def quoted(text: str, begin: int, end: int) -> list[str]:
    """A passage in bold with what stands around it, as a quotation in Markdown."""
    before, after = text[max(0, begin - AROUND) : begin], text[end : end + AROUND]
    before = ("… " if begin > AROUND else "") + before
    after = after + (" …" if end + AROUND < len(text) else "")
    passage = "\n".join(f"**{plain(part)}**" if part.strip() else part for part in text[begin:end].split("\n"))
    return [
        f"> {line.rstrip()}  " if line.strip() else ">"
        for line in f"{plain(before)}{passage}{plain(after)}".split("\n")
    ]


def plain(text: str) -> str:
    """Text in which nothing is a sign of Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text)
