"""Typer's own words in Chinese: the frames of its help pages and what it says about a mistyped command line.

Typer builds its sentences from English pieces and knows no other language, so they are recognised and said anew.
"""

import re

import typer.core
from rich.columns import Columns
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text
from typer import rich_utils

from bottega.language import _
from bottega.terminal import FoldingTable

SENTENCES = [
    (r"Missing (?:argument|option|parameter) '(.+)'\..*", "缺少“{}”。"),
    (r"No such option: (\S+)(?: \(Possible options: (.+)\))?", "没有选项 {}。"),
    (r"No such command '(.+?)'\. Did you mean '(.+)'\?", "没有命令“{}”。是不是“{}”？"),
    (r"No such command '(.+)'\.", "没有命令“{}”。"),
    (r"Got unexpected extra argument\(?s?\)? \((.+)\)", "多出了参数：{}"),
    (r"Option '(.+)' requires an argument\.", "选项 {} 后面要有一个值。"),
    (r"Option '(.+)' does not take a value\.", "选项 {} 后面不要值。"),
    (r"Invalid value for '(.+)': Value error, .+ is not one of (.+)", "“{}”应当是 {} 之一。"),
    (r"Invalid value for '(.+)': Input should be greater than or equal to (.+)", "“{}”不能小于 {}。"),
    (r"Invalid value for '(.+)': Input should be less than or equal to (.+)", "“{}”不能大于 {}。"),
    (r"Invalid value for '(.+)': Input should be a valid integer.*", "“{}”应当是整数。"),
    (r"Invalid value for '(.+)': Input should be a valid number.*", "“{}”应当是数字。"),
    (r"Invalid value for '(.+)': Input should be (.+)", "“{}”应当是 {} 之一。"),
    (r"Invalid value for '(.+)': (.+)", "“{}”的值不对：{}"),
]

USAGE = {"Usage:": "用法：", "[OPTIONS]": "[选项]", "COMMAND": "命令", "[ARGS]": "[参数]"}


class FoldingColumns(Columns):
    """The description of an option, which ``FoldingTable`` does not reach, since it is a table of its own."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for one in self.renderables:
            if isinstance(one, Text):
                one.overflow = "fold"
        yield from super().__rich_console__(console, options)


def said_in_chinese(sentence: str) -> str:
    """One of Typer's sentences about the command line, in Chinese; unchanged if it is not known."""
    for pattern, chinese in SENTENCES:
        found = re.fullmatch(pattern, sentence.strip(), re.DOTALL)
        if found:
            parts = [(part or "").strip(" .").replace("' / '", " / ") for part in found.groups()]
            return chinese.format(*parts)
    return sentence


def install() -> None:
    """Gives Typer its Chinese, and its help pages room to break lines."""
    for name, words in {
        "ARGUMENTS_PANEL_TITLE": _("Arguments"),
        "OPTIONS_PANEL_TITLE": _("Options"),
        "COMMANDS_PANEL_TITLE": _("Commands"),
        "ERRORS_PANEL_TITLE": _("Error"),
        "REQUIRED_LONG_STRING": _("[required]"),
        "DEFAULT_STRING": _("[default: {}]"),
        "RICH_HELP": "试试 [blue]“{command_path} {help_option}”[/]。",
        "Table": FoldingTable,
        "Columns": FoldingColumns,
        "rich_format_error": _format_error,
    }.items():
        setattr(rich_utils, name, words)
    for kind in (typer.core.TyperCommand, typer.core.TyperGroup):
        kind.get_help_option = _help_option  # type: ignore[method-assign]
        kind.get_usage = _usage  # type: ignore[method-assign]


_english_error = rich_utils.rich_format_error
_english_option = typer.core.TyperCommand.get_help_option
_english_usage = typer.core.TyperCommand.get_usage


def _format_error(error):
    sentence = said_in_chinese(error.format_message())
    error.format_message = lambda: sentence
    _english_error(error)


def _help_option(command, ctx):
    option = _english_option(command, ctx)
    if option is not None:
        option.help = "显示这份说明。"
    return option


def _usage(command, ctx):
    usage = _english_usage(command, ctx)
    for english, chinese in USAGE.items():
        usage = usage.replace(english, chinese)
    return usage
