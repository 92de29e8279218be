"""The row-level rules of one dataset: which rows and columns each role is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from backend_services.datasets import rules_service
from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import Catalogue, Operator
from backend_services.datasets.rules_schemas import RuleInput, RuleView
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import DomainError
from backend_services.kernel.i18n import error_text, has_text, text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from state.feedback import flash, refusals_as_flash
from state.forms import id_of, problems_of
from state.policy import requires
from state.session import actor_of

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

READ, WRITE = Permission.DATASETS_RULE_READ, Permission.DATASETS_RULE_WRITE
UNVALUED = frozenset({Operator.IS_NULL, Operator.NOT_NULL})
COLUMN_PREFIX = "column-"
MOST_RULES = 200


class DatasetRulesState(rx.State):
    """What the tab of rules shows."""

    rules: list[dict[str, str]] = []
    fields: list[dict[str, str]] = []
    columns: list[dict[str, str]] = []
    adding: bool = False
    problems: list[dict[str, str]] = []
    removing: str = ""
    removing_name: str = ""
    _dataset: str = ""

    async def _read(self, actor: Actor, session: AsyncSession, dataset_id: UUID) -> None:
        """Read the rules and what they can name."""
        catalogue = await datasets.get_catalogue(actor, session, dataset_id)
        page = await rules_service.list_rules(actor, session, dataset_id, PageRequest(limit=MOST_RULES))
        self._dataset, self.adding, self.removing, self.problems = str(dataset_id), False, "", []
        self.fields = [
            {"value": one.id, "label": one.label.in_language(actor.language)} for one in catalogue.dimensions
        ]
        labels = labels_of(catalogue, actor.language)
        self.columns = [{"box": COLUMN_PREFIX + name, "label": label} for name, label in labels.items()]
        self.rules = [rule_row(one, catalogue, actor.language) for one in page.items]

    async def _again(self, actor: Actor) -> None:
        async with transaction(actor) as session:
            await self._read(actor, session, id_of(self._dataset))

    @rx.event
    @requires(WRITE)
    async def open_adding(self) -> None:
        """Open the form of a new rule."""
        self.adding, self.problems = True, []

    @rx.event
    @requires(READ)
    async def close(self) -> None:
        """Close what is open; nothing changes."""
        self.adding, self.removing, self.problems = False, "", []

    @rx.event
    @requires(WRITE)
    async def add(self, form: dict[str, Any]) -> None:
        """Add a rule; from the first one on, roles without a rule see nothing."""
        actor = await actor_of(self)
        self.problems = []
        try:
            request = rule_of(form)
        except ValidationError as error:
            self.problems = problems_of(error, actor.language, area="rules")
            return
        if not request.filters and not request.hidden_columns and not form.get("rule-everything"):
            self.problems = [{"field": "rule-field", "text": text("rules.fix.filters", actor.language)}]
            return
        try:
            async with transaction(actor) as session:
                await rules_service.create_rule(actor, session, id_of(self._dataset), request)
            await self._again(actor)
        except DomainError as error:
            self.problems = [{"field": "rule-values", "text": error_text(error, actor.language)}]
            return
        await flash(self, text("rules.added", actor.language, role=role_name(request.role, actor.language)))

    @rx.event
    @requires(WRITE)
    async def ask_removal(self, rule_id: str) -> None:
        """Ask before a rule goes: others may see more afterwards."""
        found = next((one for one in self.rules if one["id"] == rule_id), None)
        if found is not None:
            self.removing, self.removing_name = rule_id, found["role"]

    @rx.event
    @requires(WRITE)
    async def remove(self) -> None:
        """Take the rule away that was asked about."""
        actor = await actor_of(self)
        if not self.removing:
            return
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await rules_service.delete_rule(actor, session, id_of(self._dataset), id_of(self.removing))
            await self._again(actor)
            await flash(self, text("rules.removed", actor.language, role=self.removing_name))


def rule_of(form: dict[str, Any]) -> RuleInput:
    """Return the rule that a form says; several values are separated by semicolons.

    Raises:
        ValidationError: A field breaks a rule.
    """
    field = str(form.get("rule-field") or "")
    chosen = str(form.get("rule-operator") or "eq")
    values = tuple(part.strip() for part in str(form.get("rule-values") or "").split(";") if part.strip())
    if chosen in UNVALUED:
        values = ()
    elif len(values) > 1 and chosen in {Operator.EQ, Operator.NE}:
        chosen = Operator.IN if chosen == Operator.EQ else Operator.NOT_IN
    filters = ({"field": field, "operator": chosen, "values": values},) if field else ()
    hidden = tuple(
        name.removeprefix(COLUMN_PREFIX) for name, on in form.items() if name.startswith(COLUMN_PREFIX) and on
    )
    rule = {"role": str(form.get("rule-role") or ""), "filters": filters, "hidden_columns": hidden}
    return RuleInput.model_validate(rule, strict=False)


def role_name(role: str, language: str) -> str:
    """Return a role as people know it."""
    return text(f"roles.{role}", language) if has_text(f"roles.{role}", language) else role


def labels_of(catalogue: Catalogue, language: str) -> dict[str, str]:
    """Return what people call each stored column that the catalogue knows, dimensions first."""
    found = {one.column: one.label.in_language(language) for one in catalogue.dimensions}
    for one in catalogue.measures:
        if one.column is not None:
            found.setdefault(one.column, one.label.in_language(language))
    return found


def rule_row(one: RuleView, catalogue: Catalogue, language: str) -> dict[str, str]:
    """Return a rule in words: who, which rows, without which columns."""
    labels = labels_of(catalogue, language)

    def words(column: str, operator: Operator, values: tuple[Any, ...]) -> str:
        shown = text(f"dashboards.operator.{operator.value}", language)
        return " ".join((labels.get(column, column), shown, ", ".join(map(str, values)))).strip()

    conditions = [words(each.column, each.operator, each.values) for each in one.rule.conditions]
    joint = f" {text('rules.and', language)} "
    return {
        "id": str(one.id),
        "role": role_name(one.role, language),
        "rows": joint.join(conditions) or text("rules.every_row", language),
        "hidden": ", ".join(labels.get(name, name) for name in one.rule.hidden_columns)
        or text("rules.no_column", language),
    }


async def read_rules(state: DatasetRulesState, actor: Actor, session: AsyncSession, dataset_id: UUID) -> None:
    """Put the rules of a dataset into the tab, while the page loads."""
    await state._read(actor, session, dataset_id)  # noqa: SLF001 - a public method would be an event
