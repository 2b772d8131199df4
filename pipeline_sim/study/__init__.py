"""What a learner does: questions that a run proves, predictions, drills, exams, and when to meet them again.

    from pipeline_sim.study import Drill, Exam, Predict, Study

Nothing heavy is imported until it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .bank import predictions, questions, themes
    from .clinic.grade import grade
    from .clinic.reading import challenges
    from .clinic.visit import Visit
    from .desk.script import demos
    from .desk.share import link_of, opened, save
    from .progress import Progress
    from .widgets.challenge import Challenge
    from .widgets.demo import Demo
    from .widgets.drill import Drill, Study
    from .widgets.exam import Exam
    from .widgets.predict import Predict
    from .words import Glossary, glossary

_HOME = {
    "Challenge": ".widgets.challenge",
    "Demo": ".widgets.demo",
    "Drill": ".widgets.drill",
    "Exam": ".widgets.exam",
    "Glossary": ".words",
    "Predict": ".widgets.predict",
    "Progress": ".progress",
    "Study": ".widgets.drill",
    "Visit": ".clinic.visit",
    "challenges": ".clinic.reading",
    "demos": ".desk.script",
    "glossary": ".words",
    "grade": ".clinic.grade",
    "link_of": ".desk.share",
    "opened": ".desk.share",
    "predictions": ".bank",
    "questions": ".bank",
    "save": ".desk.share",
    "themes": ".bank",
}

_NEEDED = ("anywidget", "fsrs", "genanki", "ipywidgets", "jmespath")

__all__ = ["Challenge", "Demo", "Drill", "Exam", "Glossary", "Predict", "Progress", "Study", "Visit", "challenges", "demos",
           "glossary", "grade", "link_of", "opened", "predictions", "questions", "save", "themes"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(import_module(_HOME[name], __name__), name)
    except ModuleNotFoundError as problem:
        if problem.name in _NEEDED:
            raise ImportError(f"{name} needs {problem.name}: pip install 'pipeline-sim[lab,study]'.") from None
        raise
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
