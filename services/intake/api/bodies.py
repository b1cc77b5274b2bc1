"""What may a complaint look like when it comes in over HTTP?"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints, ValidationError

from shared.addresses import MOST_CHARACTERS, valid_email
from shared.errors import Rejected
from shared.events.intake import Flags, Kind, Money, Product
from shared.host.fields import Body, Code, Line, OptionalLine, Text

B = TypeVar("B", bound=BaseModel)


def _email(text: str) -> str:
    try:
        return valid_email(text)
    except Rejected as error:
        msg = f"{error.detail}. {error.remedy}"
        raise ValueError(msg) from error


Email = Annotated[
    Line,
    StringConstraints(max_length=MOST_CHARACTERS),
    AfterValidator(_email),
    Field(json_schema_extra={"format": "email"}),
]
"""One mailbox and nothing else (`shared/addresses.py`)."""
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
"""BCP 47, e.g. zh-Hans-CN."""


class CustomerBody(Body):
    """Who complains; everything but `ref` and `grade` is sealed (PRV-01)."""

    name: OptionalLine | None = None
    email: Email | None = None
    phone: OptionalLine | None = None
    address: Annotated[Text, StringConstraints(max_length=500)] | None = None
    postcode: OptionalLine | None = None
    region: OptionalLine | None = None
    ref: Code | None = Field(default=None, description="Your own customer number, if there is one.")
    grade: Code = "general"


class FlagsBody(Body):
    """What makes it special, whatever its type (SEV-01, SAF-01)."""

    safety: bool = False
    legal: bool = False
    reputation: bool = False
    authority: bool = False
    staff_conduct: bool = False

    def as_flags(self) -> Flags:
        """The same as the contract has it."""
        return Flags(**self.model_dump())


class ProductBody(Body):
    """The goods concerned (INT-04, INT-06)."""

    name: OptionalLine | None = None
    line: OptionalLine | None = Field(
        default=None, description="Product line, as the site's policy calls it."
    )
    batch: OptionalLine | None = None
    sold_on: OptionalLine | None = None

    def as_product(self) -> Product:
        """The same as the contract has it."""
        return Product(name=self.name, line=self.line, batch=self.batch, sold_on=self.sold_on)


class MoneyBody(Body):
    """An amount that is claimed."""

    amount: Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=4)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]

    def as_money(self) -> Money:
        """The same as the contract has it."""
        return Money(amount=self.amount, currency=self.currency)


class ComplaintBody(Body):
    """A complaint as it comes in (INT-02). Narrative, wish and details are sealed with the person."""

    site: Code
    kind: Kind
    category: Line
    type: Line
    channel: Code
    received_at: AwareDatetime | None = Field(default=None, description="Left out: now.")
    language: Language | None = Field(default=None, description="Left out: the site's.")
    customer: CustomerBody | None = None
    narrative: Text | None = None
    desired_outcome: Annotated[Text, StringConstraints(max_length=2000)] | None = None
    details: Annotated[dict[Code, Text], Field(max_length=30)] | None = None
    product: ProductBody | None = None
    order_ref: Line | None = None
    claimed: MoneyBody | None = None
    flags: FlagsBody | None = None
    accused_refs: Annotated[tuple[Code, ...], Field(max_length=20)] = ()


def parsed(model: type[B], content: bytes) -> B:
    """The body, straight from its bytes. Raises RequestValidationError, answered with 400 or 422."""
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in found]) from error


def documented(model: type[BaseModel]) -> dict[str, Any]:
    """The OpenAPI of a body that is parsed by hand, with everything that it refers to in place."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})

    def inlined(node: Any) -> Any:
        if isinstance(node, dict):
            name = str(node.get("$ref", "")).rpartition("/")[2]
            own = {key: inlined(value) for key, value in node.items() if key != "$ref"}
            return {**inlined(definitions[name]), **own} if name in definitions else own
        return [inlined(value) for value in node] if isinstance(node, list) else node

    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": inlined(schema)}},
        }
    }
