"""Does docs/operations.md name every setting there is, with its true default?"""

import pytest

from shared.database.migrate import SERVICES
from tests.deploy.files import setting_names, settings_of, table_of_operations

SETTINGS = table_of_operations("Settings")
OF_EACH = {"KESU_PORT": "8001 to 8004"}
OF_ONE = {
    "routing": {"recurrence_minutes"},
    "escalation": {"audit_minutes", "audit_grace_seconds", "forecast_minutes"},
}
"""Settings that only one service has."""


def test_every_setting_is_explained_and_none_is_invented():
    assert set(SETTINGS) == setting_names()


@pytest.mark.parametrize("name", sorted(setting_names()))
def test_the_default_is_the_true_one(name):
    key = name.removeprefix("KESU_").lower()
    owner = next((service for service, names in OF_ONE.items() if key in names), "intake")
    field = settings_of(owner).model_fields[key]
    said = SETTINGS[name][0].strip("`")

    if name in OF_EACH:
        assert said == OF_EACH[name]
        assert [settings_of(service).model_fields["port"].default for service in SERVICES] == [
            8001,
            8002,
            8003,
            8004,
        ]
    elif field.is_required():
        assert said == "required"
    else:
        assert said == ("" if field.default in {"", ()} else str(field.default))


@pytest.mark.parametrize("service", SERVICES)
def test_the_services_differ_only_in_their_port(service):
    theirs, intakes = settings_of(service).model_fields, settings_of("intake").model_fields

    assert set(theirs) - OF_ONE.get(service, set()) == set(intakes)
    assert {name for name in intakes if theirs[name].default != intakes[name].default} <= {"port"}
