"""How is intake started? `python -m services.intake`."""

from __future__ import annotations

from services.intake.app import PLAN
from services.intake.settings import Settings
from shared.host.serve import serve

if __name__ == "__main__":
    serve(PLAN, Settings)
