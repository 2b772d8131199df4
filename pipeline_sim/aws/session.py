"""With what AWS's tools are set up: credentials that open nothing, and nothing of the user's own configuration."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
"""The pair that AWS's documentation shows; no account has it."""

MISSING = "AWS's own tools are not installed: pip install 'pipeline-sim[aws]'"


def session(variables: Mapping[str, tuple[Any, ...]] | None = None) -> Any:
    """A new botocore session that reads no file and no profile of the user, and asks no metadata service."""
    try:
        from botocore.session import Session
    except ImportError:
        raise ImportError(MISSING) from None
    nothing = {"profile": (None, None, None, None), "config_file": (None, None, os.devnull, None),
               "credentials_file": (None, None, os.devnull, None)}
    made = Session({**(variables or {}), **nothing})
    made.set_credentials(KEY, SECRET)
    return made


def settings(region: str | None) -> Any:
    """How a client behaves: it never tries again by itself, for a simulated clock does not move while it waits."""
    from botocore.config import Config

    return Config(
        region_name=region, retries={"total_max_attempts": 1, "mode": "legacy"}, defaults_mode="legacy",
        s3={"addressing_style": "path"}, ignore_configured_endpoint_urls=True, account_id_endpoint_mode="disabled",
        parameter_validation=True, use_fips_endpoint=False, use_dualstack_endpoint=False)


@cache
def model(service: str) -> Any:
    """botocore's model of a service."""
    return session().get_service_model(service)
