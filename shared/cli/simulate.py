"""What might customers complain about today? `kesu simulate` makes complaints up from a seed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import Progress

from shared.cli.consoles import show
from shared.cli.door import Answer, Door
from shared.clock import monotonic
from shared.errors import KesuError, Rejected
from shared.ids import new_id
from shared.policy.document import read_document

SITES = ("sh01", "ber1")
LANGUAGES = {"sh01": "zh", "ber1": "en"}
CHANNELS = {"web": 34, "phone": 28, "email": 14, "chat": 8, "app": 6, "visit": 5, "letter": 3, "fax": 2}
GRADES = {"general": 80, "key": 15, "vip": 5}
CURRENCIES = {"zh": "CNY", "en": "EUR"}
PARALLEL = 16
_CREATED = 201


def simulate(seed: int, count: int, sites: Sequence[str] = SITES) -> Iterator[dict[str, Any]]:
    """Bodies for `POST /complaints`: the same for the same seed, and the first ones for any count.

    Chinese for sh01, English for every other site; sites, kinds and channels are mixed.
    """
    random = Random(seed)  # noqa: S311 - nothing here is secret
    stories = _material()["stories"]
    weights = [story["often"] for story in stories]
    for number in range(count):
        site = sites[number % len(sites)] if number < len(sites) else random.choice(sites)
        story = random.choices(stories, weights)[0]
        yield _complaint(random, story, site, LANGUAGES.get(site, "en"), f"{seed}-{number}")


def _complaint(
    random: Random, story: Mapping[str, Any], site: str, language: str, mark: str
) -> dict[str, Any]:
    product = random.choice(_material()["products"])[language]
    batch = f"{random.choice('ABCDEF')}{random.randrange(10000, 99999)}"
    order = f"{site.upper()}-{random.randrange(100000, 999999)}"
    text = story[language].format(product=product, batch=batch, order=order, days=random.randrange(2, 15))
    body: dict[str, Any] = {
        "site": site,
        "kind": story["kind"],
        "category": story["category"],
        "type": story["type"],
        "channel": random.choices(tuple(CHANNELS), tuple(CHANNELS.values()))[0],
        "language": language,
        "customer": _customer(random, language, mark),
        "narrative": text,
        "desired_outcome": story["wish"][language],
    }
    if "{product}" in story[language]:
        body["product"] = {"name": product, "batch": batch}
    if "{order}" in story[language]:
        body["order_ref"] = order
    if "flags" in story:
        body["flags"] = dict.fromkeys(story["flags"], True)
    if "claim" in story:
        amount = f"{story['claim'] * random.uniform(0.5, 3):.2f}"
        body["claimed"] = {"amount": amount, "currency": CURRENCIES[language]}
    return body


def _customer(random: Random, language: str, mark: str) -> dict[str, str]:
    names, streets = _material()["names"][language], _material()["streets"][language]
    family, given = random.choice(names["family"]), random.choice(names["given"])
    house = random.randrange(1, 300)
    # Nobody's numbers: Berlin keeps 23125 for films, and no Chinese line begins with 0000.
    phone = {
        "zh": f"+86 21 0000 {random.randrange(1000, 9999)}",
        "en": f"+49 30 23125 {random.randrange(0, 999):03d}",
    }[language]
    return {
        "name": f"{family}{given}" if language == "zh" else f"{given} {family}",
        "email": f"{random.choice(names['latin'])}.{mark}@customer.example",
        "phone": phone,
        "address": f"{random.choice(streets)}{house}号"
        if language == "zh"
        else f"{random.choice(streets)} {house}",
        "grade": random.choices(tuple(GRADES), tuple(GRADES.values()))[0],
    }


@lru_cache(maxsize=1)
def _material() -> dict[str, Any]:
    return read_document(Path(__file__).parent / "stories.yaml").value


def simulate_command(
    token: Annotated[str, typer.Option(envvar="KESU_TOKEN", help="From `kesu token`.")],
    seed: Annotated[int, typer.Option(help="The same seed makes the same complaints.")] = 7,
    count: Annotated[int, typer.Option(min=1, help="How many.")] = 300,
    rate: Annotated[float, typer.Option(help="Complaints per second; 0: as fast as it goes.")] = 0,
    url: Annotated[str, typer.Option(help="The intake service.")] = "http://127.0.0.1:8001",
    site: Annotated[list[str] | None, typer.Option(help="Sites; else sh01 and ber1.")] = None,
) -> None:
    """Register complaints that nobody made. Ends with 1 if some were refused, 3 without a register."""
    console = Console()
    try:
        begun = monotonic()
        with Door(url, token) as door:
            answers = _pour(door, simulate(seed, count, site or SITES), count, rate, console)
        seconds = monotonic() - begun
    except KesuError as error:
        show(console, error.sentence())
        raise typer.Exit(2 if isinstance(error, Rejected) else 3) from error
    refused = [answer for answer in answers if answer.status != _CREATED]
    console.print(
        f"{count - len(refused)} registered, {len(refused)} refused, "
        f"{count / max(seconds, 0.001):.0f} per second"
    )
    for sentence in sorted({answer.refusal().sentence() for answer in refused}):
        show(console, f"refused: {sentence}")
    raise typer.Exit(1 if refused else 0)


def _pour(
    door: Door, bodies: Iterator[dict[str, Any]], count: int, rate: float, console: Console
) -> list[Answer]:
    """The answers to all of them. Raises what the door raises."""
    run = new_id()
    begun = monotonic()
    pending: list[Future[Answer]] = []
    with ThreadPoolExecutor(PARALLEL) as workers, Progress(console=console) as progress:
        task = progress.add_task("complaints", total=count)
        for number, body in enumerate(bodies):
            if rate > 0:
                time.sleep(max(0.0, begun + number / rate - monotonic()))
            # The key makes it safe that the door tries again after a lost connection.
            key = {"Idempotency-Key": f"simulate-{run}-{number}"}
            future = workers.submit(door.post, "/complaints", orjson.dumps(body), key)
            future.add_done_callback(lambda _: progress.advance(task))
            pending.append(future)
        try:
            return [future.result() for future in pending]
        except KesuError:
            workers.shutdown(cancel_futures=True)
            raise
