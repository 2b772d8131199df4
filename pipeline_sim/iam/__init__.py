"""Who may do what: AWS's policies read, decided on and explained, and what CodePipeline asks of them (section 8)."""

from .decision import (
    EXPLICIT_ALLOW,
    EXPLICIT_DENY,
    IMPLICIT_DENY,
    Decision,
    can_assume,
    decide,
    fulfils,
    missing_statement,
)
from .finding import Finding
from .managed import MANAGED_POLICIES
from .operations import caller_needs, codepipeline_resource
from .policy import IDENTITY, RESOURCE, TRUST, Policy, Statement
from .reading import parse
from .requirement import Requirement
from .requirements import requirements
from .wildcards import UNSAID

__all__ = [
    "EXPLICIT_ALLOW", "EXPLICIT_DENY", "IDENTITY", "IMPLICIT_DENY", "MANAGED_POLICIES", "RESOURCE", "TRUST", "UNSAID",
    "Decision", "Finding", "Policy", "Requirement", "Statement", "can_assume", "caller_needs", "codepipeline_resource",
    "decide", "fulfils", "missing_statement", "parse", "requirements",
]
