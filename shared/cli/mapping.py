"""Which cell of a foreign file is which field of a complaint? Small YAML files say so.

A mapping holds one rule for each field that it fills; `product.name` and the like go into groups,
`details.*` holds whatever else is worth keeping, sealed. `shared/cli/columns.py` applies it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from shared.errors import Rejected
from shared.policy.document import read_document

SHIPPED = Path(__file__).parent / "mappings"
FIELDS = frozenset(
    {
        *("ref", "site", "kind", "category", "type", "channel", "received_at", "language"),
        *("due_at", "closed_at"),
        *("narrative", "desired_outcome", "order_ref"),
        *("product.name", "product.line", "product.batch", "product.sold_on"),
        *("claimed.amount", "claimed.currency"),
        *("customer.name", "customer.email", "customer.phone", "customer.address"),
        *("customer.postcode", "customer.region", "customer.ref", "customer.grade"),
    }
)
NEEDED = ("ref", "site", "kind", "category", "type", "channel", "received_at")

Names = Annotated[tuple[str, ...], BeforeValidator(lambda v: (v,) if isinstance(v, str) else v)]


class Rule(BaseModel):
    """How one field is filled: from a column or a constant, translated, or a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: Names = ()
    """Names to look for in the header; the first that is there counts."""
    constant: str | None = None
    hash_of: Names = ()
    """Columns whose content together names the row, for files without a number of their own."""
    required: bool = False
    default: str | None = None
    values: Mapping[str, str] = {}
    formats: tuple[str, ...] = ()
    timezone: str = "UTC"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no time zone {value}") from error
        return value


class FileMapping(BaseModel):
    """What a mapping file says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mapping: str
    source: str
    """Goes into the complaint's id with `ref`, so that a row is registered once."""
    history: bool = True
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    """What divides the cells of a row; None: the comma."""
    decimal: Literal[".", ","] = "."
    """What divides the fraction of a sum; a comma makes the point a mark of thousands."""
    empty: tuple[str, ...] = ()
    """Contents that mean nothing was said."""
    fields: Mapping[str, Rule]

    @field_validator("fields")
    @classmethod
    def _known_fields(cls, rules: Mapping[str, Rule]) -> Mapping[str, Rule]:
        unknown = [n for n in rules if n not in FIELDS and not n.startswith("details.")]
        if unknown:
            raise ValueError(f"unknown fields: {', '.join(unknown)}")
        missing = [name for name in NEEDED if name not in rules]
        if missing:
            raise ValueError(f"no rule for: {', '.join(missing)}")
        return rules


def load_mapping(name: str) -> FileMapping:
    """The shipped mapping of that name, or the one in that file.

    Raises Rejected('mapping-unknown'), Rejected('mapping-malformed') naming the field.
    """
    shipped = SHIPPED / f"{name}.yaml"
    path = shipped if shipped.is_file() else Path(name)
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.yaml")))
        raise Rejected("mapping-unknown", f"no mapping {name}", remedy=f"Take one of {known}, or a file.")
    # Everything is text here: a column may be called 2013, a cell may hold NO or 007.
    document = read_document(path, texts=True)
    for problem in document.problems:
        raise Rejected("mapping-malformed", problem.sentence(), field=problem.field, remedy=problem.remedy)
    try:
        return FileMapping.model_validate(document.value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        problem = document.problem(first["loc"], first["msg"].removeprefix("Value error, "))
        raise Rejected("mapping-malformed", problem.sentence(), field=problem.field) from error
