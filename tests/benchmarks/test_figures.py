"""Does the benchmark count what it says it counts?"""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from benchmarks.contestants import KESU, YARDSTICK
from benchmarks.journeys import Journeys, journeys_of
from benchmarks.load import closed_loop, open_loop
from benchmarks.measuring import Run
from benchmarks.verdict import Result
from shared.errors import Unavailable


def run(contestant: str, *, rate: float = 100, p99: float = 0.1, megabytes: float = 100) -> Run:
    journeys = Journeys(100, 100 / rate, (0.01,) * 98 + (p99, p99))
    return Run(contestant, 64, journeys, {"intake": 0.1}, {"intake": 50, "routing": megabytes})


def result(*, kesu: float = 250, yardstick: float = 100, p99: float = 0.1, megabytes: float = 100) -> Result:
    full = (run(YARDSTICK, rate=yardstick), run(KESU, rate=kesu, megabytes=megabytes))
    return Result(full, (run(YARDSTICK), run(KESU, p99=p99)))


def test_a_journey_ends_when_the_last_complaint_has_arrived():
    first, second = UUID(int=1), UUID(int=2)
    journeys = journeys_of({first: 10.0, second: 10.5}, {second: 12.0, first: 10.25})
    assert journeys == Journeys(2, 2.0, (0.25, 1.5))
    assert journeys.rate == 1.0
    assert (journeys.percentile(0.5), journeys.percentile(0.99)) == (1.5, 1.5)


def test_the_ratio_is_that_of_the_medians():
    runs = [run(KESU, rate=rate) for rate in (900, 300, 200)] + [run(YARDSTICK, rate=150)]
    assert Result(tuple(runs), ()).ratio == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("figures", "met"),
    [
        ({}, [True, True, True]),
        ({"kesu": 199}, [False, True, True]),
        ({"megabytes": 160}, [True, False, True]),
        ({"p99": 0.25}, [True, True, False]),
    ],
)
def test_each_bound_is_missed_by_its_own_figure(figures: dict[str, float], met: list[bool]):
    assert [bound.met for bound in result(**figures).bounds()] == met


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: str) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            name = await reader.readexactly(length)
            body = b'{"id": "%s"}' % name
            writer.write(b"HTTP/1.1 %s\r\ncontent-length: %d\r\n\r\n%s" % (status.encode(), len(body), body))
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        pass
    finally:
        writer.close()


@pytest.mark.loopback
@pytest.mark.parametrize("open_rate", [None, 2000.0])
async def test_every_complaint_is_sent_once_and_known_by_its_id(open_rate: float | None):
    server = await asyncio.start_server(lambda r, w: answer(r, w, "201 Created"), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    ids = [UUID(int=number) for number in range(1, 31)]
    wanted = [str(one).encode() for one in ids]
    if open_rate is None:
        sent = await closed_loop(url, "token", wanted, 4)
    else:
        sent = await open_loop(url, "token", wanted, open_rate, seed=1)
        assert [sent[one] for one in ids] == sorted(sent.values())
    server.close()
    assert sent.keys() == set(ids)


@pytest.mark.loopback
async def test_a_refused_complaint_stops_the_benchmark():
    server = await asyncio.start_server(lambda r, w: answer(r, w, "503 Busy"), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with pytest.raises(Unavailable, match="answered with 503"):
        await closed_loop(url, "", [b"x"], 1)
    server.close()
