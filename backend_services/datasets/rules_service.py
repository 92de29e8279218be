"""Use cases of row-level rules; and what an actor may see of a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlalchemy import bindparam, func, text
from sqlalchemy import select as sa_select
from sqlmodel import col, select

from backend_services.audit import service as audit
from backend_services.datasets import service as datasets
from backend_services.datasets.query.errors import UnknownFieldError
from backend_services.datasets.query.source import Column
from backend_services.datasets.rules import (
    RowRule,
    RowScope,
    RuleCondition,
    check_rule,
    named_attributes,
    scope_of,
    unknown_attributes,
)
from backend_services.datasets.rules_errors import RuleExistsError, RuleNotFoundError
from backend_services.datasets.rules_models import DatasetRule
from backend_services.datasets.rules_schemas import RuleInput, RuleView
from backend_services.identity.roles import NAMES
from backend_services.kernel.errors import InvalidInputError
from backend_services.kernel.i18n import field_text
from backend_services.kernel.pagination import Page, PageRequest
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.datasets.catalogue import Catalogue
    from backend_services.datasets.schemas import ReadableVersion
    from backend_services.kernel.actor import Actor


_RULES_OF = sa_select(col(DatasetRule.dataset_id), col(DatasetRule.rule)).where(
    col(DatasetRule.tenant_id) == bindparam("tenant_id"),
    col(DatasetRule.dataset_id).in_(bindparam("dataset_ids", expanding=True)),
)
"""Put together once: every question asks it."""
_RULE_LIST: TypeAdapter[tuple[RowRule, ...]] = TypeAdapter(tuple[RowRule, ...])


def columns_of(version: ReadableVersion) -> dict[str, Column]:
    """Return the stored columns as the query engine knows them."""
    return {one.name: Column(name=one.name, type=one.type, zoned=_is_zoned(one.stored_as)) for one in version.columns}


def _is_zoned(stored_as: str) -> bool:
    name = stored_as.upper()
    return "WITH TIME ZONE" in name or name.startswith(("TIMESTAMPTZ", "TIMESTAMP_TZ"))


async def scope_for(actor: Actor, session: AsyncSession, dataset_id: UUID) -> RowScope:
    """Return what the actor may see of a dataset."""
    return (await scopes_for(actor, session, [dataset_id]))[dataset_id]


async def scope_within(actor: Actor, session: AsyncSession, version: ReadableVersion) -> RowScope:
    """Return what the actor may see of a version; its rules mostly came with it, which spares a statement."""
    if version.rules is None:
        return await scope_for(actor, session, version.dataset_id)
    rules = {version.dataset_id: list(_RULE_LIST.validate_json(version.rules))}
    return (await _scopes(actor, session, rules, [version.dataset_id]))[version.dataset_id]


async def scopes_for(actor: Actor, session: AsyncSession, dataset_ids: Sequence[UUID]) -> dict[UUID, RowScope]:
    """Return what the actor may see of each of several datasets, in as many statements as for one."""
    rules: dict[UUID, list[RowRule]] = {}
    found = await session.execute(_RULES_OF, {"tenant_id": actor.tenant_id, "dataset_ids": list(dataset_ids)})
    for dataset_id, rule in found.all():
        rules.setdefault(dataset_id, []).append(RowRule.model_validate(rule))
    return await _scopes(actor, session, rules, dataset_ids)


async def _scopes(
    actor: Actor, session: AsyncSession, rules: dict[UUID, list[RowRule]], dataset_ids: Sequence[UUID]
) -> dict[UUID, RowScope]:
    named = {name for of_one in rules.values() for rule in of_one for name in named_attributes(rule)}
    attributes = {
        "tenant.id": str(actor.tenant_id),
        "user.id": str(actor.user_id) if actor.user_id else None,
        "user.email": await _email(actor, session) if "user.email" in named else None,
    }
    may_change = actor.can(Permission.DATASETS_RULE_WRITE)
    return {
        dataset_id: scope_of(
            rules.get(dataset_id, ()), roles=actor.roles, may_change_rules=may_change, attributes=attributes
        )
        for dataset_id in dataset_ids
    }


async def narrowed_datasets(actor: Actor, session: AsyncSession) -> frozenset[UUID]:
    """Return the datasets of which rules hide rows from the actor."""
    statement = select(DatasetRule.dataset_id).where(DatasetRule.tenant_id == actor.tenant_id).distinct()
    ruled = list((await session.exec(statement)).all())
    scopes = await scopes_for(actor, session, ruled) if ruled else {}
    return frozenset(one for one in ruled if not scopes[one].shows_every_row)


async def _rules(actor: Actor, session: AsyncSession, dataset_id: UUID) -> list[DatasetRule]:
    statement = (
        select(DatasetRule)
        .where(DatasetRule.tenant_id == actor.tenant_id, DatasetRule.dataset_id == dataset_id)
        .order_by(col(DatasetRule.role))
    )
    return list((await session.exec(statement)).all())


async def _email(actor: Actor, session: AsyncSession) -> str | None:
    if actor.user_id is None:
        return None
    found = await session.execute(text("SELECT email FROM users WHERE id = :id"), {"id": actor.user_id})
    email = found.scalar_one_or_none()
    return str(email) if email is not None else None


async def list_rules(actor: Actor, session: AsyncSession, dataset_id: UUID, page: PageRequest) -> Page[RuleView]:
    """Return a page of the rules of a dataset, by role.

    Raises:
        InvalidInputError: The list is sorted by nothing else, and not searched.
    """
    actor.require(Permission.DATASETS_RULE_READ)
    page.require(sortable=("role",), searched=False)
    await datasets.readable_version(actor, session, dataset_id)
    mine = (DatasetRule.tenant_id == actor.tenant_id, DatasetRule.dataset_id == dataset_id)
    total = (await session.exec(select(func.count()).select_from(DatasetRule).where(*mine))).one()
    order = col(DatasetRule.role).desc() if page.descending else col(DatasetRule.role)
    statement = select(DatasetRule).where(*mine).order_by(order).limit(page.limit).offset(page.offset)
    items = tuple(_view(one) for one in (await session.exec(statement)).all())
    return Page[RuleView](items=items, total=total, limit=page.limit, offset=page.offset)


async def create_rule(actor: Actor, session: AsyncSession, dataset_id: UUID, request: RuleInput) -> RuleView:
    """Say what a role is shown of a dataset. From the first rule on, roles without one see nothing.

    Raises:
        RuleExistsError: The role has a rule on this dataset.
        UnknownFieldError: The rule names a column that is not there.
        QueryError: A condition does not fit its column.
    """
    actor.require(Permission.DATASETS_RULE_WRITE)
    version = await datasets.readable_version(actor, session, dataset_id)
    rule = resolve(request, version)
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"rules:{dataset_id}"})
    if any(one.role == request.role for one in await _rules(actor, session, dataset_id)):
        raise RuleExistsError(params={"role": request.role})
    row = DatasetRule(
        tenant_id=actor.tenant_id, dataset_id=dataset_id, role=request.role, rule=rule.model_dump(mode="json")
    )
    session.add(row)
    await session.flush()
    await _audit(actor, session, "create", row, version)
    return _view(row)


async def update_rule(
    actor: Actor, session: AsyncSession, dataset_id: UUID, rule_id: UUID, request: RuleInput
) -> RuleView:
    """Change what a role is shown of a dataset."""
    actor.require(Permission.DATASETS_RULE_WRITE)
    version = await datasets.readable_version(actor, session, dataset_id)
    row = await _rule(actor, session, dataset_id, rule_id)
    others = await _rules(actor, session, dataset_id)
    if any(one.role == request.role and one.id != rule_id for one in others):
        raise RuleExistsError(params={"role": request.role})
    row.role = request.role
    row.rule = resolve(request, version).model_dump(mode="json")
    session.add(row)
    await session.flush()
    await _audit(actor, session, "update", row, version)
    return _view(row)


async def delete_rule(actor: Actor, session: AsyncSession, dataset_id: UUID, rule_id: UUID) -> None:
    """Take back a rule. Without any rule, everybody who may read datasets sees all of this one."""
    actor.require(Permission.DATASETS_RULE_WRITE)
    version = await datasets.readable_version(actor, session, dataset_id)
    row = await _rule(actor, session, dataset_id, rule_id)
    await session.delete(row)
    await session.flush()
    await _audit(actor, session, "delete", row, version)


async def _rule(actor: Actor, session: AsyncSession, dataset_id: UUID, rule_id: UUID) -> DatasetRule:
    statement = select(DatasetRule).where(
        DatasetRule.tenant_id == actor.tenant_id, DatasetRule.dataset_id == dataset_id, DatasetRule.id == rule_id
    )
    found = (await session.exec(statement)).first()
    if found is None:
        raise RuleNotFoundError
    return found


async def _audit(actor: Actor, session: AsyncSession, verb: str, row: DatasetRule, version: ReadableVersion) -> None:
    await audit.record(
        actor,
        session,
        action=f"datasets.rule.{verb}",
        subject_type="dataset_rule",
        subject_id=row.id,
        subject_label=f"{version.name}: {row.role}",
        details={"dataset_id": str(row.dataset_id), "rule": row.rule},
    )


def resolve(request: RuleInput, version: ReadableVersion) -> RowRule:
    """Return the rule in terms of stored columns, checked against them.

    Raises:
        InvalidInputError: There is no such role: nobody would see anything, and nothing would say why.
        UnknownFieldError: It names a column or attribute that is not there.
        QueryError: A condition does not fit its column.
    """
    if request.role not in NAMES:
        raise InvalidInputError(fields={"role": field_text("fields.roles_unknown", names=request.role)})
    columns = columns_of(version)
    rule = RowRule(
        role=request.role,
        conditions=tuple(
            RuleCondition(
                column=_stored(one.field, version.catalogue, columns), operator=one.operator, values=one.values
            )
            for one in request.filters
        ),
        hidden_columns=tuple(_stored(one, version.catalogue, columns) for one in request.hidden_columns),
    )
    unknown = unknown_attributes(rule)
    if unknown:
        raise UnknownFieldError(unknown[0], nearest=("tenant.id", "user.email", "user.id"))
    check_rule(rule, columns, zone=ZoneInfo("UTC"))
    return rule


def _stored(name: str, catalogue: Catalogue, columns: dict[str, Column]) -> str:
    dimension = catalogue.dimension(name)
    found = dimension.column if dimension is not None else name
    if found not in columns:
        raise UnknownFieldError(name, nearest=sorted(columns)[:5])
    return found


def _view(row: DatasetRule) -> RuleView:
    return RuleView(
        id=row.id,
        dataset_id=row.dataset_id,
        role=row.role,
        rule=RowRule.model_validate(row.rule),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
