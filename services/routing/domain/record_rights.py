"""Who may write a record, and who may sign it?"""

from __future__ import annotations

from datetime import datetime

from services.routing.domain.authority import HANDLING, permitted
from services.routing.domain.case import Case
from services.routing.domain.involvement import involvement_of
from services.routing.domain.record import RecordVersion
from services.routing.domain.recording import unsigned_in
from services.routing.domain.standing import HANDLER, Hall, Standing, is_handler, standing_of, who_may
from shared.deciding import Actor
from shared.errors import Conflict, Forbidden
from shared.participation import may_take_part
from shared.policy.model import Rulebook
from shared.policy.records import CUSTOMER, RecordKind


def permitted_to_write(
    case: Case | None, kind: RecordKind, actor: Actor, rules: Rulebook, now: datetime
) -> Case:
    """The case, if the actor belongs to whom policy lets fill the record in, or works on the case.

    A department or role that policy names fills it in; where it names none, whoever works on the case.
    Raises what `permitted` raises, and Forbidden('not-the-writer').
    """
    by = kind.by
    if case is None or not by:
        return permitted(case, actor, HANDLING, assisting=True)
    if by == HANDLER:
        return permitted(case, actor, HANDLING)
    if by in rules.organisation.departments:
        return permitted(case, actor, HANDLING, departments=(by,))
    known = permitted(case, actor, HANDLING, departments=())
    hall = Hall(known, rules, now)
    if standing_of(actor, (by,), hall) is None:
        raise Forbidden(
            "not-the-writer",
            f"this record is written by {by}",
            field="actor",
            remedy=f"Who may now: {_names(who_may((by,), hall))}.",
        )
    return known


def may_see(case: Case, kind: RecordKind, actor: Actor, rules: Rulebook, now: datetime) -> bool:
    """Whether the actor writes or signs such records, whatever department has the case."""
    try:
        permitted_to_write(case, kind, actor, rules, now)
    except Forbidden:
        hall = Hall(case, rules, now)
        if not may_take_part(involvement_of(case), actor, departments=()):
            return False
        roles = tuple(role for role in kind.signed_by if role not in {CUSTOMER, HANDLER})
        return any(standing_of(actor, (role,), hall) is not None for role in roles)
    return True


def permitted_to_sign(case: Case | None, actor: Actor, *, attests: bool) -> Case:
    """The case, if the actor may sign at all; who `attests` the customer's signature works on the case.

    Raises what `permitted` raises; an administrator signs nothing (APR-02).
    """
    known = permitted(case, actor, HANDLING, assisting=attests, departments=None if attests else ())
    if actor.roles.isdisjoint(HANDLING):
        raise Forbidden("role-missing", "an administrator signs nothing", field="actor")
    return known


def signing_standing(
    case: Case, kind: RecordKind, version: RecordVersion, actor: Actor, rules: Rulebook, now: datetime
) -> Standing:
    """In which role the actor signs this version: the first that is missing and that is theirs.

    Nobody signs a version twice, and nobody but the handler signs what they wrote themselves; their
    stand-ins do (RCS-03).
    Raises Conflict('already-signed'), Conflict('no-signature-needed'), Forbidden('not-the-signer').
    """
    signers = frozenset(one.by for one in version.signatures if one.role != CUSTOMER)
    if actor.person in signers:
        raise Conflict("already-signed", "one signature of one person is enough", field="actor")
    missing = tuple(role for role in unsigned_in(kind, version, case) if role != CUSTOMER)
    if not missing:
        raise Conflict(
            "no-signature-needed", "this version has every signature of the house", field="version"
        )
    hall = Hall(case, rules, now, signers | {version.by})
    for role in missing:
        if role == HANDLER:
            if _has_it(case, actor):
                return Standing(actor.person, HANDLER)
        elif (standing := standing_of(actor, (role,), hall)) is not None:
            return standing
    raise Forbidden(
        "not-the-signer",
        f"it is signed by {', '.join(missing)}, and never by who wrote it",
        field="actor",
        remedy=f"Who may now: {_names(who_may(missing, hall))}.",
    )


def _has_it(case: Case, actor: Actor) -> bool:
    return may_take_part(involvement_of(case), actor) and is_handler(case, actor)


def _names(found: tuple[Standing, ...]) -> str:
    return ", ".join(one.person for one in found) or "nobody"
