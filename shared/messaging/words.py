"""Which words does the suite put into its own queues? Empty bundles, whose headers say something.

To a consumer that does not know the word it is a bundle without events: acknowledged, and nothing happens.
"""

from __future__ import annotations

from datetime import datetime

BODY = b"[]"
SINCE = "x-kesu-missed-since"
"""Header: from when on (ISO 8601), `first`, or empty: from what the service handled last before `NOTICED`."""
NOTICED = "x-kesu-missed-noticed"


def missed(noticed: datetime, since: str = "") -> dict[str, object]:
    """The headers of: this queue missed something, and it was noticed then."""
    return {SINCE: since, NOTICED: noticed.isoformat()}
