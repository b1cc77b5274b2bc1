"""Is the contract kept? Golden samples are read and written for ever; published schemas are up to date."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from shared.cli.contract import stale_files
from shared.errors import Rejected
from shared.events.asyncapi import json_schema
from shared.events.base import EVENTS, read_event, routing_key, write_event
from shared.events.catalogue import PRODUCERS, all_events
from shared.messaging.topology import SERVICES, heard_by

SAMPLES = Path(__file__).parent / "samples"
ROOT = Path(__file__).parents[2]
LATER = sorted((SAMPLES / "later").glob("*.json"))
"""Samples with the optional fields that came after the first one, which nobody edits."""
NAMES = sorted(path.stem for path in SAMPLES.glob("*.json"))
WITHOUT_CONSUMER = {"campaign.opened.v1", "campaign.closed.v1", "presence.changed.v1"}


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.json").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_sample_reads_and_writes_back_the_same(name):
    written = json.loads(write_event(read_event(sample(name))))

    assert written == json.loads(sample(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_sample_satisfies_the_published_schema(name):
    jsonschema.validate(json.loads(sample(name)), json_schema(EVENTS[name]))


@pytest.mark.parametrize("file", LATER, ids=lambda file: file.stem)
def test_a_sample_with_later_fields_reads_writes_back_and_satisfies_the_schema(file):
    body = json.loads(file.read_bytes())

    assert json.loads(write_event(read_event(file.read_bytes()))) == body
    jsonschema.validate(body, json_schema(EVENTS[body["type"]]))
    assert body["data"].keys() >= json.loads(sample(file.stem))["data"].keys()


def test_every_event_has_a_sample_and_every_sample_an_event():
    assert [event.type_name for event in all_events()] == NAMES


def test_every_event_has_a_producer_and_somebody_who_hears_it():
    heard = {name for service in SERVICES for name in heard_by(service)} | WITHOUT_CONSUMER

    assert {event.producer for event in all_events()} == set(PRODUCERS)
    assert {event.type_name for event in all_events()} == heard


def test_routing_keys_have_four_words():
    for name in NAMES:
        assert len(routing_key(read_event(sample(name))).split(".")) == 4


def test_the_reader_ignores_fields_that_a_later_release_added():
    body = json.loads(sample("complaint.accepted.v1"))
    body["data"]["new_field"] = 1
    body["extension"] = "x"

    assert read_event(json.dumps(body).encode()).data.by == "li.na"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": "no uuid"}, "subject"),
        ({"time": "2026-11-21T08:00:00"}, "time"),
        ({"sequence": "many"}, "sequence"),
        ({"data": []}, "data"),
    ],
)
def test_a_malformed_event_is_refused_with_the_field(change, field):
    body = json.loads(sample("complaint.accepted.v1")) | change

    with pytest.raises(Rejected) as refused:
        read_event(json.dumps(body).encode())

    assert (refused.value.code, refused.value.field) == ("event-malformed", field)


def test_an_unknown_version_is_refused_with_its_own_code():
    body = json.loads(sample("complaint.accepted.v1")) | {"type": "complaint.accepted.v9"}

    with pytest.raises(Rejected, match="event-unknown"):
        read_event(json.dumps(body).encode())


def test_the_published_files_are_up_to_date():
    assert stale_files(ROOT / "docs" / "events") == [], "run `bin/kesu contract write`"
