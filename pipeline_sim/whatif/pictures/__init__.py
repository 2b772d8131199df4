"""What results look like: pictures by matplotlib whose titles say what was found.

Each function takes a result and a style (`light`, `dark`, `projector`) and gives a `Picture`, which a notebook shows and
`save` writes as SVG, PNG or PDF. Nothing touches pyplot, so nothing is left behind.
"""

from .knobs import curve, heat, tornado
from .spread import comparison, lead_times
from .style import Picture, Style
from .sure import differences, measures
from .times import queue, timeline, warm_up

__all__ = ["Picture", "Style", "comparison", "curve", "differences", "heat", "lead_times", "measures", "queue", "timeline",
           "tornado", "warm_up"]
