"""The report that an engineer can hand to a manager: one HTML file that needs nothing else, for screen and paper.

Names come from definitions and are escaped; the page runs no script and loads nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from html import escape

from .. import __version__
from ..scenario import Scenario
from . import pictures, told
from .answer import Answer
from .measures import SUMMARY
from .pictures import Picture

Draw = Callable[[str], Picture]

STYLE = """
:root { color-scheme: light dark; --page:#fff; --text:#16191f; --soft:#4a5560; --line:#d5dbe1; --tint:#e6f1f7;
  --edge:#0072b2 }
@media screen and (prefers-color-scheme: dark) {
  :root { --page:#0f1620; --text:#f2f3f3; --soft:#b6bec9; --line:#26313f; --tint:#173045; --edge:#0083cd } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.2rem 4rem; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif }
h1 { font-size: 1.7rem; margin: 0 0 .2rem } h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem }
.asked { color: var(--soft); margin: 0 0 1.2rem }
.answer { border-left: .4rem solid var(--edge); background: var(--tint); padding: .8rem 1.1rem;
  font-size: 1.15rem; margin: 0 0 .6rem }
.answer p { margin: .3rem 0 } .soft { color: var(--soft) }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .93rem; margin: .4rem 0 1rem }
caption { text-align: left; color: var(--soft); padding: .2rem 0 }
th, td { text-align: right; padding: .28rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top }
th:first-child, td:first-child { text-align: left } th { font-weight: 600 }
.last-left td:last-child, .last-left th:last-child { text-align: left; color: var(--soft) }
.wide td { white-space: nowrap } .last-left td:last-child { white-space: normal }
.wide { overflow-x: auto } figure { margin: 1rem 0 } img { max-width: 100%; height: auto; display: block }
.dark { display: none }
@media screen and (prefers-color-scheme: dark) { .dark { display: block } .light { display: none } }
code, pre { font: .9rem/1.45 ui-monospace, Menlo, Consolas, monospace }
pre { background: var(--tint); padding: .7rem .9rem; white-space: pre-wrap; overflow-wrap: anywhere }
li { margin: .15rem 0 }
@media print { body { max-width: none; padding: 0; font-size: 11pt } h2 { break-after: avoid }
  .wide td { white-space: normal }
  figure, tr { break-inside: avoid }
  .answer { border: 1px solid #000 } }
"""


def page(answer: Answer) -> str:
    """The whole report as HTML."""
    title = f"What if: {answer.result.pipeline.name}"
    body = "\n".join([
        f"<h1>{escape(title)}</h1>", f'<p class="asked">{escape(asked(answer))}</p>', _answer(answer), *_comparisons(answer),
        *_grid(answer), *_numbers(answer), *_exact(answer), _assumptions(answer), _again(answer)])
    return ('<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
            "style-src 'unsafe-inline'\">"
            f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n")


def asked(answer: Answer) -> str:
    """The question in words."""
    question = answer.question
    parts = [f"with {', '.join(question.given)}" if question.given else "as it is"]
    parts += [f"against {words}" for words in question.compared]
    parts += [f"over {knob} from {values[0]} to {values[-1]}" for knob, values in question.swept]
    if question.matters:
        parts.append("and what matters most")
    return f"Asked: how does {answer.result.pipeline.name} fare {', '.join(parts)}? In view: the {question.measure}."


def _answer(answer: Answer) -> str:
    told_all = "".join(f"<p>{escape(sentence)}</p>" for sentence in answer.sentences)
    result = answer.result
    each = " of each world, under the same luck" if answer.comparisons else ""
    below = (f"{result.runs:,} runs{each}; seeds {result.seed} to {result.seed + result.runs - 1}. Numbers in brackets: the "
             "interval that holds the true value 95 times in 100, given the assumptions below.")
    return f'<div class="answer" role="status">{told_all}</div><p class="soft">{escape(below)}</p>'


def _comparisons(answer: Answer) -> Iterator[str]:
    for words, pair in answer.comparisons:
        yield f"<h2>{escape(words)}</h2><p>{escape(pair.asked)}</p>"
        yield _table(("measure", "before", "after", "difference", "verdict"), told.compared(pair), last_left=True)
        yield from _figures(lambda style, pair=pair: pictures.differences(pair, style),  # type: ignore[misc]
                            lambda style, pair=pair: pictures.comparison(pair, style))  # type: ignore[misc]


def _grid(answer: Answer) -> Iterator[str]:
    found, storm, measure = answer.sweep, answer.tornado, answer.question.measure
    if found is not None:
        yield "<h2>Over the grid</h2>"
        yield from _figures(lambda style: found.picture(measure, style))
        yield _table((*found.grid, *found.names), found.rows())
    if storm is not None:
        yield "<h2>What matters</h2>"
        yield from _figures(storm.picture)
        yield _table(("knob", "from … to", "difference at the first", "difference at the second"), storm.rows())


def _numbers(answer: Answer) -> Iterator[str]:
    result = answer.result
    yield f"<h2>{'Before, in numbers' if answer.comparisons else 'In numbers'}</h2>"
    yield "".join(f"<p>{escape(line)}</p>" for line in told.remarks(result))
    yield from _figures(result.picture, lambda style: pictures.measures(result, SUMMARY, style),
                        lambda style: pictures.queue(result, style))
    yield _table(("measure", "value", "95 % interval", "what it is"), told.rows(result), last_left=True)


def _exact(answer: Answer) -> Iterator[str]:
    if answer.exact is not None:
        beside = answer.exact.beside(answer.result)
        yield "<h2>Checked by closed forms</h2><p>Nothing is in the way of an execution here, so that its fate can be "
        yield f"computed without runs. {beside.agree} of {len(beside.rows)} intervals hold the exact value.</p>"
        yield _table(("measure", "exact", "simulated", "by the interval"), beside.told())


def _assumptions(answer: Answer) -> str:
    return "<h2>What this rests on</h2><ul>" + "".join(f"<li>{escape(one)}</li>" for one in answer.assumptions()) + "</ul>"


def _again(answer: Answer) -> str:
    """How to get the same numbers again."""
    files = "".join(f"<li><code>{escape(name)}</code> (SHA-256 {escape(digest)})</li>" for name, digest in answer.files)
    scenario: Scenario = answer.question.scenario
    text = escape(scenario.to_yaml())
    said = f"<details><summary>The scenario</summary><pre>{text}</pre></details>" if scenario.data else ""
    return (f"<h2>How to repeat it</h2><p>The same command gives the same numbers, to the last digit, with pipeline-sim "
            f"{escape(__version__)}:</p><pre>{escape(answer.command)}</pre><ul>{files}</ul>{said}")


# ---------------------------------------------------------------------------------------------- pieces


def _table(heads: Iterable[str], body: Iterable[Iterable[str]], last_left: bool = False) -> str:
    return f'<div class="wide{" last-left" if last_left else ""}">{told.table("", heads, body)}</div>'


def _figures(*draws: Draw) -> Iterator[str]:
    """Each picture for light and dark; those that have nothing to show are left out."""
    for draw in draws:
        try:
            light, dark = draw("light"), draw("dark")
        except ValueError:
            continue
        alt = escape(light.title, quote=True)
        yield (f'<figure><img class="light" alt="{alt}" src="{light.image()}"><img class="dark" alt="{alt}" '
               f'src="{dark.image()}"></figure>')
