"""What lies in the directory of a private RabbitMQ node before it can start?"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from shared.errors import Unavailable
from shared.local.directories import cannot_write, made
from shared.local.ports import free_ports, is_free
from shared.local.settings import ROOT, inherited_environment

# Two schedulers that sleep when idle: busy-waiting ones would take the processor from PostgreSQL
# and the services on a small machine (engineering.md 6.4).
ERLANG = "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"
_LOOPBACK = "-kernel inet_dist_use_interface {127,0,0,1}"
SHARED_CONFIGURATION = ROOT / "deploy" / "rabbitmq" / "rabbitmq.conf"


@dataclass(frozen=True, slots=True)
class NodeIdentity:
    """Name, password and ports of a node; kept in its directory so that it comes back the same."""

    name: str
    password: str
    amqp_port: int
    distribution_port: int
    epmd_port: int
    management_port: int
    prometheus_port: int


def identity(directory: Path, *, port: int | None) -> NodeIdentity:
    """Who the node of the directory is: read, or made up and written down; `port` wins."""
    file = directory / "node.json"
    try:
        known = NodeIdentity(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        known = None
    if known is None or (port is not None and port != known.amqp_port):
        digest = hashlib.sha256(os.fsencode(directory.resolve())).hexdigest()[:12]
        known = _with_free_ports(
            f"kesu-{digest}@localhost", known.password if known else secrets.token_urlsafe(18), port
        )
        write_identity(directory, known)
    return known


def moved_if_taken(known: NodeIdentity, *, keep_amqp: bool) -> NodeIdentity:
    """The identity with other ports when another program has taken one of them meanwhile."""
    private = (known.distribution_port, known.epmd_port, known.management_port)
    wanted = (*private, known.prometheus_port, *(() if keep_amqp else (known.amqp_port,)))
    if all(is_free(port) for port in wanted):
        return known
    return _with_free_ports(known.name, known.password, known.amqp_port if keep_amqp else None)


def write_identity(directory: Path, known: NodeIdentity) -> None:
    """Write the identity down, readable for its owner only: it holds the password."""
    file = directory / "node.json"
    try:
        file.touch(mode=0o600)
        file.write_text(json.dumps(asdict(known), indent=1) + "\n")
    except OSError as failure:
        raise cannot_write(file, failure) from failure


def write_configuration(directory: Path, known: NodeIdentity, plugins: Sequence[str]) -> None:
    """Write what RabbitMQ reads: the configuration of `deploy/` first, then what is private."""
    lines = [
        f"listeners.tcp.1 = 127.0.0.1:{known.amqp_port}",
        "default_user = kesu",
        f"default_pass = {known.password}",
        "default_user_tags.administrator = true",
        # The shared 2 GB would silently block all publishers on a small disk; room is checked
        # before the start instead.
        "disk_free_limit.absolute = 200MB",
    ]
    if "rabbitmq_management" in plugins:
        lines += _listener("management", known.management_port)
    if "rabbitmq_prometheus" in plugins:
        lines += _listener("prometheus", known.prometheus_port)
    files = {
        "conf/10-shared.conf": SHARED_CONFIGURATION.read_text(),
        "conf/90-private.conf": "\n".join(lines) + "\n",
        "enabled_plugins": f"[{','.join(plugins)}].\n",
        "advanced.config": "[].\n",
        "environment.conf": "",
    }
    for folder in ("conf", "log", "home", "mnesia"):
        made(directory / folder, mode=0o700)
    for name, text in files.items():
        try:
            (directory / name).write_text(text)
        except OSError as failure:
            raise cannot_write(directory / name, failure) from failure


def environment(directory: Path, known: NodeIdentity) -> dict[str, str]:
    """The environment in which server and `rabbitmqctl` of this node run, and no other node's."""
    return inherited_environment(**_of_this_node(directory, known))


def _of_this_node(directory: Path, known: NodeIdentity) -> dict[str, str]:
    return {
        "HOME": str(directory / "home"),  # here lies the Erlang cookie
        "LC_ALL": "C.UTF-8",
        "ERL_EPMD_PORT": str(known.epmd_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": known.name,
        "RABBITMQ_USE_LONGNAME": "false",
        "RABBITMQ_DIST_PORT": str(known.distribution_port),
        "RABBITMQ_CONF_ENV_FILE": str(directory / "environment.conf"),
        "RABBITMQ_CONFIG_FILES": str(directory / "conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(directory / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(directory / "mnesia"),
        "RABBITMQ_LOG_BASE": str(directory / "log"),
        "RABBITMQ_PID_FILE": str(directory / "node.pid"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{ERLANG} {_LOOPBACK}",
    }


def write_control(directory: Path, known: NodeIdentity, program: Path) -> None:
    """Write `rabbitmqctl` into the directory: a script that asks this node, and no other of the machine."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in _of_this_node(directory, known).items()]
    file = directory / "rabbitmqctl"
    try:
        file.write_text("\n".join(["#!/bin/sh", *lines, f'exec {shlex.quote(str(program))} "$@"', ""]))
        file.chmod(0o700)
    except OSError as failure:
        raise cannot_write(file, failure) from failure


def last_complaint(log: Path) -> str:
    """The line of the start-up log that tells best why the node did not start."""
    try:
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines()]
    except OSError:
        return "it left no log"
    lines = [line for line in lines if line]
    grave = [line for line in lines if "rror" in line or "already in use" in line]
    return (grave or lines or ["its log is empty"])[0 if grave else -1]


def _with_free_ports(name: str, password: str, port: int | None) -> NodeIdentity:
    amqp, *others = free_ports(5)
    return NodeIdentity(name, password, port or amqp, *others)


def _listener(plugin: str, port: int) -> list[str]:
    return [f"{plugin}.tcp.ip = 127.0.0.1", f"{plugin}.tcp.port = {port}"]


def refuse_spaces(directory: Path) -> None:
    """RabbitMQ's start scripts split words: a path with spaces cannot hold a node."""
    if any(character.isspace() for character in str(directory)):
        raise Unavailable(
            f"RabbitMQ cannot live in {directory}: its start script does not bear spaces.",
            code="path-with-spaces",
            remedy="Set KESU_VAR to a directory without spaces in its path.",
        )
