"""Broken pipelines to mend: each a case with a complaint, a goal that a run proves, hints that are true, and a solution."""
