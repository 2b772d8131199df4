"""The `pipeline-sim` command: a thin door, no logic of its own."""

from __future__ import annotations

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
