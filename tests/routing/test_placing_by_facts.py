"""Does product line, customer grade or the amount claimed decide where a complaint goes? (issue 3, Routing)"""

from __future__ import annotations

from decimal import Decimal

from services.routing.api.explain import Question, explain
from services.routing.handlers.amend_case import amend_case
from services.routing.handlers.assign_team import assign_team
from shared.events.intake import AmendedFacts, ComplaintAmended, Money, Product
from shared.policy.model import RouteRule, SeverityRule, When
from tests.routing.builders import NOW, NUMBER, a_context, a_rulebook, an_event, registered

LIMITS = {"CNY": Decimal(50_000), "EUR": Decimal(7_000)}
ROWS = (
    RouteRule("key", "sales", When(grade=("key",))),
    RouteRule("much", "desk", When(claimed_above=LIMITS), inform=("wang",)),
    RouteRule("pipes", "billing", When(product_line=("pipe",))),
    RouteRule("rest", "quality"),
)
RULES = a_rulebook(routing=ROWS)


def assigned(**given):
    (told,) = assign_team(None, an_event(registered(**given)), a_context(RULES)).tells
    return told.rule


def money(amount: str, currency: str) -> Money:
    return Money(amount=Decimal(amount), currency=currency)


def test_the_product_line_decides_the_desk():
    assert assigned(product=Product(name="elbow", line="pipe")) == "pipes"
    assert assigned(product=Product(name="pipe")) == "rest"
    assert assigned() == "rest"


def test_the_customers_grade_decides_the_desk():
    assert assigned(customer_grade="key") == "key"


def test_a_claim_is_compared_within_its_own_currency():
    assert assigned(claimed=money("50000", "CNY")) == "rest"
    assert assigned(claimed=money("50000.01", "CNY")) == "much"
    assert assigned(claimed=money("7500", "EUR")) == "much"
    assert assigned(claimed=money("7500", "CNY")) == "rest"


def test_a_claim_in_a_currency_that_nobody_gave_a_figure_is_above_it():
    assert assigned(claimed=money("1", "JPY")) == "much"
    assert assigned(claimed=money("0", "JPY")) == "rest"


def test_an_amount_decides_severity_as_well():
    triage = (SeverityRule("much", "critical", 1, When(claimed_above=LIMITS)),)
    rules = a_rulebook(routing=ROWS, severity=triage)

    decision = assign_team(None, an_event(registered(claimed=money("8000", "EUR"))), a_context(rules))

    assert (decision.state.placement.severity, decision.state.placement.priority) == ("critical", 1)


def test_an_amended_claim_or_product_line_moves_the_case():
    case = assign_team(None, an_event(registered()), a_context(RULES)).state

    def amend(case, **facts):
        told = ComplaintAmended(
            complaint_no=NUMBER, at=NOW, by="agent", changed=tuple(facts), facts=AmendedFacts(**facts)
        )
        return amend_case(case, an_event(told, sequence=2), a_context(RULES)).state

    piped = amend(case, product=Product(line="pipe"))
    costly = amend(piped, claimed=money("60000", "CNY"))

    assert [one.placement.rule for one in (case, piped, costly)] == ["rest", "pipes", "much"]
    assert costly.facts.product_line == "pipe"


def test_explain_says_what_the_row_asked_and_what_the_complaint_answered():
    given = {"site": "sh01", "category": "quality", "type": "defect", "product_line": "pipe"}

    much = explain(Question(**given, claimed={"amount": "60000", "currency": "CNY"}), RULES, NOW)
    piped = explain(Question(**given), RULES, NOW)
    plain = explain(Question(**{**given, "product_line": ""}), RULES, NOW)

    assert (much.rule, much.because) == ("much", ("claimed 60000 CNY, above 50000",))
    assert (piped.rule, piped.because) == ("pipes", ("product line pipe",))
    assert (plain.rule, plain.because) == ("rest", ())
