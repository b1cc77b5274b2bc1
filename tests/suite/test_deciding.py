"""Does what a manager decides on an alarm reach the case, through the broker and back? (issue 4, part 5)"""

from __future__ import annotations

from typing import Any

import pytest

from tests.suite import driving
from tests.suite.conftest import Suite
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(120)


async def alarm_of(suite: Suite, complaint: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = []

    async def raised() -> bool:
        page = await driving.get(suite, "escalation", "/escalations?limit=200")
        found[:] = [item for item in page["items"] if item["complaint_id"] == complaint]
        return bool(found)

    await eventually(raised, 40, what="an alarm")
    return found[0]


async def test_a_manager_reassigns_instructs_and_takes_over_and_the_case_follows(fast_suite):
    complaint = await driving.register(fast_suite)
    alarm = await alarm_of(fast_suite, complaint["id"])
    manager = fast_suite.client("escalation", "manager", person="zhao.min")
    path = f"/escalations/{alarm['escalation_id']}/decisions"

    async def decided(**body: Any) -> None:
        answer = await manager.request("POST", path, json=body)
        assert answer.status == 201, answer.body

    async def follows(**wanted: Any) -> None:
        async def there() -> bool:
            case = await driving.get(fast_suite, "routing", f"/cases/{complaint['id']}")
            return {name: case[name] for name in wanted} == wanted

        await eventually(there, 20, what=str(wanted))

    await decided(decision="reassign", department="technical", reason_code="needs-an-engineer")
    await follows(department="technical")
    await decided(decision="instruct", instruction="Call the customer before noon")
    await decided(decision="take_over")
    await follows(department="technical", assignee="zhao.min")

    shown = await driving.get(fast_suite, "routing", f"/cases/{complaint['id']}/instructions")
    assert [item["instruction"] for item in shown["items"]] == ["Call the customer before noon"]
    history = await driving.get(fast_suite, "intake", f"/complaints/{complaint['id']}/history")
    assert "Call the customer" not in str(history)
    refused = await manager.request("POST", path, json={"decision": "reassign", "department": "tekhnical"})
    assert (refused.status, refused.json()["code"]) == (422, "unknown-department")
