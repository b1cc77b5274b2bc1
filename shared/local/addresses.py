"""Where does each of the four services listen on one machine, and which variable moves it?"""

from __future__ import annotations

from dataclasses import dataclass

from shared.local.ports import require_free
from shared.local.settings import LocalSettings

NAMES = ("intake", "routing", "escalation", "surveys")


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """Where a service listens, and which variable moves it."""

    name: str
    port: int

    @property
    def variable(self) -> str:
        """`KESU_INTAKE_PORT` and its like."""
        return f"KESU_{self.name.upper()}_PORT"

    @property
    def url(self) -> str:
        """The service's own root."""
        return f"http://127.0.0.1:{self.port}"


def addresses(settings: LocalSettings) -> tuple[ServiceAddress, ...]:
    """The four services in the order of a complaint's journey."""
    ports = (
        settings.intake_port,
        settings.routing_port,
        settings.escalation_port,
        settings.surveys_port,
    )
    return tuple(ServiceAddress(name, port) for name, port in zip(NAMES, ports, strict=True))


def require_free_ports(settings: LocalSettings) -> None:
    """Raise Unavailable('port-taken') naming a taken port and the variable that moves it."""
    for address in addresses(settings):
        require_free(address.port, purpose=f"the service {address.name}", variable=address.variable)
