"""What the reports of all collections say alike."""

from bottega.datasets.files import Skipped, listed
from bottega.language import _


def clock(seconds: float) -> str:
    """A duration as 0:07, 4:30 or 1:02:03."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def held_out(stretches: list[tuple[str, float, float]]) -> str:
    """The stretches ``(name, from, to)`` in seconds that are held out where there are few works; "" for none."""
    where = _("held out: {begin} to {end} of {name}")
    told = (where.format(begin=clock(begin), end=clock(end), name=name) for name, begin, end in stretches)
    return "".join("; " + one for one in told)


def ending(skipped: list[Skipped], unused: int, pairs: int) -> str:
    """The end of a report: which of the ``unused`` files were skipped and why, and how many ``pairs`` are alike."""
    text = "; " + _("none skipped")
    if unused:
        text = "; " + _("{skipped:,} skipped: {which}").format(skipped=unused, which=listed(skipped, unused))
    return text + (_("; near-duplicate pairs: {pairs:,}").format(pairs=pairs) if pairs else "")
