"""How a picture is coloured: CSS by class, for one theme or for the reader's own."""

from __future__ import annotations

from functools import cache

from .marks import DARK, FLOW_HUES, LIGHT, LOOKS, THEMES, TOKENS, Look, Theme
from .text import FONT

# Solid borders need no dashes; the others differ without their hue.
DASHES = {"dashed": "7 4", "dotted": "2 3", "dashdot": "10 3 2 3"}

_SHAPES = f"""
text{{font-family:{FONT};font-size:12px;white-space:pre}}
.head{{font-size:16px;font-weight:700}}.name{{font-size:14px;font-weight:700}}.headline .name{{font-size:15px}}
.word,.token text{{font-weight:700}}.token text{{text-anchor:middle}}.artifacts text,.condition text{{font-size:11px}}
.way,.order,.flow,.ring,.line,.on,.bar{{fill:none}}
.way{{stroke-width:2}}.order{{stroke-width:1.6}}.flow{{stroke-width:1.5}}
.ring,.line,.bar{{stroke-width:1.6}}.on{{stroke-width:1.9}}
.ring,.line,.on,.bar{{stroke-linecap:round;stroke-linejoin:round}}
.transition.disabled .way{{stroke-dasharray:3 4}}
.token rect{{stroke-width:1.6}}.token.waiting rect{{stroke-dasharray:3 2}}.switch{{stroke-width:1.6}}
"""


@cache
def style(theme: str) -> str:
    """The sheet of `light`, `dark` or `auto`. Every rule begins with the theme's class, so that pictures of different
    themes lie in one page."""
    scope = f".theme-{theme}"
    rules = _lines(_SHAPES) + _borders()
    if theme != "auto":
        return _scoped(scope, rules + _colours(THEMES[theme]) + _tokens())
    dark = _scoped(scope, _colours(DARK) + _tokens())
    return _scoped(scope, rules + _colours(LIGHT) + _tokens()) + f"@media (prefers-color-scheme:dark){{{dark}}}"


def _borders() -> list[str]:
    return [f".status-{name}>.card{{{_border(look)}}}" for name, look in LOOKS.items()]


def _tokens() -> list[str]:
    """After the theme's colours, which they override: a token looks the same in both themes."""
    return [rule for number, (fill, ink) in enumerate(TOKENS)
            for rule in (f".token-hue-{number} rect{{fill:{fill}}}", f".token-hue-{number} text{{fill:{ink}}}")]


def _border(look: Look) -> str:
    dashes = f";stroke-dasharray:{DASHES[look.border]}" if look.border in DASHES else ""
    return f"stroke-width:{look.weight:g}{dashes}"


def _colours(theme: Theme) -> list[str]:
    red = theme.shades["vermillion"]
    rules = _lines(f"""
.page{{fill:{theme.page}}}.stage>.card{{fill:{theme.stage}}}.stage>path.head{{fill:{theme.head}}}
.action>.card,.condition>.card,.switch,.plate{{fill:{theme.card}}}
.card,.plate{{stroke:{theme.edge}}}.group{{fill:{theme.head}}}
text{{fill:{theme.text}}}.provider,.detail,.artifacts text{{fill:{theme.soft}}}
.way,.switch{{stroke:{theme.quiet}}}.way-head,.knob{{fill:{theme.quiet}}}
.order{{stroke:{theme.soft}}}.order-head{{fill:{theme.soft}}}
.token rect{{stroke:{theme.text}}}.token.more rect{{fill:{theme.card}}}
.ring,.line{{stroke:{theme.soft}}}.disc{{fill:{theme.soft}}}.on{{stroke:{theme.card}}}
.disabled .switch,.bar{{stroke:{red.line}}}.disabled .knob{{fill:{red.line}}}.disabled .word{{fill:{red.ink}}}
""")
    for number, hue in enumerate(FLOW_HUES):
        line, at = theme.shades[hue].line, f".flow-hue-{number}"
        rules += [f"{at} .flow{{stroke:{line}}}", f"{at} .flow-head{{fill:{line}}}"]
    for name, look in LOOKS.items():
        shade, at = theme.shades[look.hue], f".status-{name}"
        rules += _lines(f"""
{at}>.card{{stroke:{shade.line}}}.action{at}>.card,.condition{at}>.card{{fill:{shade.tint}}}
{at}>.status .word{{fill:{shade.ink}}}
{at}>.status .ring,{at}>.status .line,.condition{at}>.sign .ring,.condition{at}>.sign .line{{stroke:{shade.line}}}
{at}>.status .disc,.condition{at}>.sign .disc,.small{at}>.sign .disc{{fill:{shade.line}}}
.small{at}>.sign .ring,.small{at}>.sign .line{{stroke:{shade.line}}}
""")
    return rules


def _lines(sheet: str) -> list[str]:
    return [rule for line in sheet.split("\n") for rule in line.replace("}", "}\n").split("\n") if rule]


def _scoped(scope: str, rules: list[str]) -> str:
    found = []
    for rule in rules:
        selectors, _, body = rule.partition("{")
        found.append(",".join(f"{scope} {selector}" for selector in selectors.split(",")) + "{" + body)
    return "".join(found)
