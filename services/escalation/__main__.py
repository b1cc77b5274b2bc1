"""How is escalation started? `python -m services.escalation`."""

from __future__ import annotations

from services.escalation.app import PLAN
from services.escalation.settings import Settings
from shared.host.serve import serve

if __name__ == "__main__":
    serve(PLAN, Settings)
