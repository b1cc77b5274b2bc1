"""How is routing run? `python -m services.routing`."""

from services.routing.app import PLAN
from services.routing.settings import Settings
from shared.host.serve import serve

if __name__ == "__main__":
    serve(PLAN, Settings)
