"""Does docker-compose.yml start by health, keep its doors shut, and speak the services' own settings?"""

import re

import pytest

from shared.cli.accounts import passwords_in
from shared.cli.settings import CliSettings
from shared.database.migrate import SERVICES
from shared.events.cost import MOST_MESSAGE_BYTES
from tests.deploy.files import DEPLOY, compose, setting_names, settings_of

DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSE = (DEPLOY / "docker-compose.yml").read_text()
EXAMPLE = (DEPLOY / ".env.example").read_text()
ALL = sorted(compose()["services"])
LASTING = sorted(set(ALL) - {"provision"})


def service(name):
    return compose()["services"][name]


def test_everything_of_the_suite_is_in_it():
    assert set(ALL) == {*SERVICES, "rabbitmq", "postgres", "provision", "prometheus"}


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_has_a_health_check_a_limit_and_comes_back(name):
    own = service(name).get("healthcheck")
    from_image = "build" in service(name) and "HEALTHCHECK" in DOCKERFILE

    assert own or from_image
    assert service(name)["restart"] == "unless-stopped"
    assert service(name)["mem_limit"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_health_and_for_the_provisioning(name):
    assert service(name)["depends_on"] == {
        "rabbitmq": {"condition": "service_healthy"},
        "postgres": {"condition": "service_healthy"},
        "provision": {"condition": "service_completed_successfully"},
    }


def test_the_provisioning_migrates_and_declares_once():
    command = "kesu migrate && kesu topology apply && kesu accounts"
    assert service("provision")["command"][-1] == command
    assert service("provision")["restart"] == "no"


@pytest.mark.parametrize("name", ALL)
def test_images_are_pinned(name):
    image = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", service(name)["image"])

    assert re.search(r":[\w.]*\d", image), image
    assert "latest" not in image


def test_only_the_services_and_prometheus_have_doors_and_only_on_this_host():
    doors = {name: service(name)["ports"] for name in ALL if "ports" in service(name)}

    assert set(doors) == {*SERVICES, "prometheus"}
    assert all(port.startswith("${BIND:-127.0.0.1}:") for ports in doors.values() for port in ports)
    assert "BIND=127.0.0.1\n" in EXAMPLE


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_its_own_port_inside_and_outside(name):
    port = settings_of(name).model_fields["port"].default

    assert service(name)["environment"]["KESU_PORT"] == port
    assert service(name)["ports"][0].endswith(f"_PORT:-{port}}}:{port}")
    assert service(name)["environment"]["KESU_PUBLIC_URL"].endswith(f":-http://127.0.0.1:{port}}}")


@pytest.mark.parametrize("name", [*SERVICES, "provision"])
def test_every_variable_is_a_setting_that_exists(name):
    given = set(service(name)["environment"])
    for_the_command_line = {f"KESU_{field.upper()}" for field in CliSettings.model_fields}

    assert given <= setting_names() | (for_the_command_line if name == "provision" else set())
    required = {
        f"KESU_{key.upper()}"
        for key, field in settings_of("intake").model_fields.items()
        if field.is_required()
    }
    assert required <= given


@pytest.mark.parametrize("name", [*SERVICES, "provision"])
def test_our_containers_may_do_nothing_but_work(name):
    assert service(name)["read_only"] is True
    assert service(name)["cap_drop"] == ["ALL"]
    assert service(name)["security_opt"] == ["no-new-privileges:true"]


def test_the_example_has_exactly_the_variables_that_are_used():
    build_only = {
        "PYTHON_IMAGE",
        "BUILD_NETWORK",
        "RABBITMQ_IMAGE",
        "POSTGRES_IMAGE",
        "PROMETHEUS_IMAGE",
        "KESU_RELEASE",
    }
    used = set(re.findall(r"\$\{(\w+)", COMPOSE))
    named = set(re.findall(r"^(\w+)=", EXAMPLE, re.MULTILINE))

    assert named - {"COMPOSE_PROJECT_NAME"} == used - build_only


def test_a_missing_secret_names_the_remedy():
    secrets = re.findall(r"\$\{(\w*(?:PASSWORD|SECRET|SEAL_KEYS))([^}]*)\}", COMPOSE)

    each = {f"{one.upper()}_{kind}" for one in SERVICES for kind in ("PASSWORD", "SECRET")}
    assert {name for name, _ in secrets} == each | {
        "POSTGRES_PASSWORD",
        "RABBITMQ_PASSWORD",
        "KESU_SECRET",
        "KESU_SEAL_KEYS",
    }
    assert all("run deploy/make-env" in rest for _, rest in secrets)
    assert all(f"{name}=\n" in EXAMPLE for name, _ in secrets)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_enters_with_its_own_accounts_and_secret_alone(name):
    others = {one.upper() for one in SERVICES} - {name.upper()}
    given = service(name)["environment"]
    used = set(re.findall(r"\$\{(\w+)", str(given)))

    assert given["KESU_DATABASE_URL"].startswith(f"postgresql://kesu_{name}:${{{name.upper()}_PASSWORD:?")
    assert given["KESU_AMQP_URL"].startswith(f"amqp://kesu_{name}:${{{name.upper()}_PASSWORD:?")
    assert given["KESU_SECRET"].startswith(f"${{{name.upper()}_SECRET:?")
    assert not used & {"POSTGRES_PASSWORD", "RABBITMQ_PASSWORD", "KESU_SECRET"}
    assert not [one for one in used for other in others if one in {f"{other}_PASSWORD", f"{other}_SECRET"}]


def test_the_accounts_that_are_made_are_those_that_services_enter_with():
    text = re.sub(r"\$\{(\w+)[^}]*\}", r"\1", service("provision")["environment"]["KESU_ACCOUNTS"])

    assert passwords_in(text) == {name: f"{name.upper()}_PASSWORD" for name in SERVICES}


def test_the_broker_takes_no_message_that_is_much_larger_than_a_service_opens():
    text = (DEPLOY / "rabbitmq" / "rabbitmq.conf").read_text()
    (limit,) = re.findall(r"^max_message_size = (\d+)$", text, re.MULTILINE)

    # Headers need room, and what is parked carries more of them than what came.
    assert 1.5 * MOST_MESSAGE_BYTES < int(limit) < 3 * MOST_MESSAGE_BYTES
