"""The pages that stand before the studio: the one that asks for the password, and the one that stays shut."""

import base64
import hashlib
import html
import json

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bottega.language import LANGUAGES, _, language

STYLE = """body{font:1.05rem/1.6 system-ui,sans-serif;display:grid;place-content:center;min-height:90vh;margin:0 1.5rem;
background:light-dark(#faf8f4,#161512);color:light-dark(#3b372f,#d3ccbd)}
main{max-width:26rem}h1{font:600 1.8rem Georgia,"Noto Serif",serif;margin:0 0 1rem}
a{color:light-dark(#1f6b55,#7cc4ac)}nav{margin-top:2rem;font-size:.9rem}
input,button{font:inherit;padding:.55rem .8rem;border-radius:.5rem;border:1px solid light-dark(#b9b1a3,#5d574b);
background:light-dark(#fff,#211f1b);color:inherit;box-sizing:border-box;width:100%;margin-top:.4rem}
button{background:light-dark(#1f6b55,#2f7d66);border-color:transparent;color:#fff;cursor:pointer;margin-top:1rem}
[role=alert]{color:light-dark(#9c2f22,#f0a195)}"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def spoken(asked: Request) -> str:
    """The language of a page that stands before all others: as asked for, of the address, the cookie or the browser."""
    named = asked.scope["path"].partition("/")[2].partition("/")[0]
    for code in (asked.query_params.get("lang"), named, asked.cookies.get("bottega-language")):
        if code in LANGUAGES:
            return code
    wished = asked.headers.get("accept-language", "")
    return "zh" if wished.strip().lower().startswith("zh") else "en"


def ask(said: str = "", status: int = 200, wait: int = 0) -> Response:
    """The page that asks for the password; ``said`` is what went wrong before."""
    alert = f'<p role="alert">{html.escape(said)}</p>' if said else ""
    form = (
        f'<form method="post" action="/login?lang={language()}"><label for="password">{_("Password")}</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" required autofocus>'
        f"{alert}<button>{_('Come in')}</button></form>"
    )
    return _page(form, status, {"Retry-After": str(wait)} if wait else {})


def shut(again: str) -> Response:
    """The page for whoever has no key; ``again`` is the address that was asked for."""
    words = _("This studio opens at the address that “bottega studio” showed when it was started.")
    # A browser keeps the cookie back when another page led here, and sends it when this one does.
    link = f'<p><a href="{html.escape(again)}">{_("I have opened it there: try again")}</a></p>'
    return _page(f"<p>{words}</p>{link}", 401, {})


def told(sentence: str, status: int) -> Response:
    """A refusal to a program."""
    return Response(json.dumps({"error": sentence}, ensure_ascii=False), status, media_type="application/json")


def _page(body: str, status: int, headers: dict[str, str]) -> Response:
    other, name = ("zh", "中文") if language() == "en" else ("en", "English")
    nav = f'<nav><a href="?lang={other}" hreflang="{other}" lang="{other}">{name}</a></nav>'
    page = (
        f'<!doctype html><html lang="{language()}"><meta charset="utf-8"><title>Bottega</title>'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<style>{STYLE}</style><main><h1>Bottega</h1>{body}{nav}</main>"
    )
    return HTMLResponse(page, status, headers={"Content-Security-Policy": POLICY} | headers)
