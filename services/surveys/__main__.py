"""How is surveys started? `python -m services.surveys`."""

from __future__ import annotations

from services.surveys.app import PLAN
from services.surveys.settings import Settings
from shared.host.serve import serve

if __name__ == "__main__":
    serve(PLAN, Settings)
