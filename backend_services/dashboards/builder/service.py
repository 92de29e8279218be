"""The builder's use case: a question in plain language becomes a checked dashboard, a question back or a refusal."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, cast
from zoneinfo import ZoneInfo

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.builder import anchoring, answers, execute, meaning, model_step, sources, wording
from backend_services.dashboards.builder.choices import Choices, check, decode
from backend_services.dashboards.builder.draft import Note
from backend_services.dashboards.builder.errors import BuildNotFoundError
from backend_services.dashboards.builder.normalise import language_of
from backend_services.dashboards.builder.plan import make_plan
from backend_services.dashboards.builder.schemas import (
    BuildAnswer,
    BuilderReadiness,
    BuildJob,
    BuildRequest,
    BuildStatus,
    JobStatus,
    Language,
    Planner,
)
from backend_services.dashboards.builder.settings import get_builder_settings
from backend_services.dashboards.builder.watching import Nobody, Watcher
from backend_services.dashboards.type_schemas import TypesBuilt, TypesRequest
from backend_services.datasets import service as datasets
from backend_services.kernel.clock import elapsed_ms, monotonic_s, now
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import NotFoundError
from backend_services.kernel.i18n import stored_text, text
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.metrics import BUILD_SECONDS, BUILDS
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from backend_services.llm import service as llm
from backend_services.llm.errors import LlmAnswerInvalidError, LlmUnavailableError

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.builder.plan import Plan
    from backend_services.dashboards.builder.sources import Source
    from backend_services.datasets.catalogue import Catalogue
    from backend_services.kernel.actor import Actor

JOB: Final = "dashboards.build"
TYPES_JOB: Final = "dashboards.build_types"
DATASETS_CLOSE: Final = 0.06
_MISSING_COSTS: Final = 0.5


@dataclass(slots=True)
class _Build:
    """One question on its way."""

    actor: Actor
    request: BuildRequest
    language: Language
    today: date
    choices: Choices
    watcher: Watcher
    started_s: float
    query_ms: float = 0.0
    model: str | None = None
    decided_by_model: bool = False
    notes: list[Note] = field(default_factory=list)


async def build(actor: Actor, request: BuildRequest, *, watcher: Watcher | None = None) -> BuildAnswer:
    """Answer a question with a dashboard, a question back, or a refusal that names the nearest things.

    ``watcher`` is told of the steps.

    Raises:
        PermissionDeniedError: The actor may not build, or not save.
        ChoiceUnknownError: ``choice`` belongs to another question.
        DatasetNotFoundError: No such dataset in the actor's tenant.
    """
    return await _kept(actor, request, await _answered(actor, request, watcher), watcher)


async def _answered(actor: Actor, request: BuildRequest, watcher: Watcher | None) -> BuildAnswer:
    actor.require(Permission.DASHBOARDS_DASHBOARD_BUILD)
    if request.save:
        actor.require(Permission.DASHBOARDS_DASHBOARD_WRITE)
    language = request.language or cast("Language", language_of(request.question, actor.language))
    build = _Build(
        actor=actor,
        request=request,
        language=language,
        today=now().astimezone(ZoneInfo(actor.time_zone)).date(),
        choices=decode(request.choice),
        watcher=watcher or Nobody(),
        started_s=monotonic_s(),
    )
    answer = await _answer(build)
    BUILDS.labels(answer.planner, answer.status).inc()
    BUILD_SECONDS.labels(answer.planner).observe(answer.took_ms / 1000)
    return answer


async def _kept(actor: Actor, request: BuildRequest, answer: BuildAnswer, watcher: Watcher | None) -> BuildAnswer:
    if not request.save or answer.spec is None:
        return answer
    await (watcher or Nobody()).step("saving")
    async with transaction(actor) as session:
        saved = await dashboards.create_dashboard(actor, session, answer.spec, origin="builder")
    return answer.model_copy(update={"dashboard_id": saved.id})


async def start(actor: Actor, request: BuildRequest | TypesRequest) -> BuildAnswer | TypesBuilt | BuildJob:
    """Answer within the budget, else go on as a job; saving comes after it, so an answer is never kept twice."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_BUILD)
    try:
        async with asyncio.timeout(get_builder_settings().budget_s):
            if isinstance(request, TypesRequest):
                return await dashboards.build_types(actor, request)
            answer = await _answered(actor, request, None)
    except TimeoutError:
        return await _handed_on(actor, request)
    return await _kept(actor, request, answer, None)


async def _handed_on(actor: Actor, request: BuildRequest | TypesRequest) -> BuildJob:
    if isinstance(request, TypesRequest):
        name, title = TYPES_JOB, text("builder.step.types", actor.language)
    else:
        language = request.language or language_of(request.question, actor.language)
        name, title = JOB, text("builder.step.building", language)
    async with transaction(actor) as session:
        job = await jobs.enqueue(actor, session, name=name, payload=request, title=title, max_attempts=1)
    return BuildJob(job_id=job.id)


async def status(actor: Actor, session: AsyncSession, job_id: UUID) -> BuildStatus:
    """Return how far a build of the actor's own is, with its result at the end.

    Raises:
        BuildNotFoundError: The actor has asked for no such build.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_BUILD)
    reader = replace(actor, permissions=actor.permissions | {Permission.KERNEL_JOB_READ})
    try:
        job = await jobs.get_job(reader, session, job_id)
    except NotFoundError as error:
        raise BuildNotFoundError from error
    if job.name not in {JOB, TYPES_JOB} or job.user_id != actor.user_id:
        raise BuildNotFoundError
    kind = TypesBuilt if job.name == TYPES_JOB else BuildAnswer
    return BuildStatus(
        job_id=job.id,
        status="failed" if job.state.value == "dead" else cast("JobStatus", job.state.value),
        progress=job.progress,
        message=job.message,
        result=kind.model_validate_json(json.dumps(job.result)) if job.result else None,
        error=stored_text(job.error.code, job.error.params, actor.language, otherwise=job.error.message)
        if job.error
        else None,
    )


async def readiness(actor: Actor, session: AsyncSession) -> BuilderReadiness:
    """Return whether questions can be answered, and with what help."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_BUILD)
    count = (await datasets.list_datasets(actor, session, PageRequest(limit=1))).total
    types = await dashboards.list_types(actor)
    return BuilderReadiness(
        ready=count > 0,
        datasets=count,
        model=await llm.health(),
        total_dashboard_types=len(types),
        ready_dashboard_types=sum(one.state == "ready" for one in types),
    )


async def _answer(build: _Build) -> BuildAnswer:
    await build.watcher.step("catalogue")
    found = await sources.load(build.actor, build.choices.dataset_id or build.request.dataset_id)
    await build.watcher.step("reading")
    if len(found) == 1:
        check(build.choices, found[0].index.catalogue, build.request.question)
    plans = [(source, _plan(build, source, build.choices)) for source in found]
    ranked = sorted((pair for pair in plans if pair[1].recognised), key=lambda pair: -_score(pair[1]))
    if not ranked:
        ranked = sorted((pair for pair in plans if pair[1].missing), key=lambda pair: -_score(pair[1]))
    if not ranked:
        return _finish(build, "refused", refusal=answers.not_understood(found, build.language))
    close = [source for source, plan in ranked if _score(ranked[0][1]) - _score(plan) < DATASETS_CLOSE]
    if len(close) > 1 and not ranked[0][1].missing:
        return _finish(build, "clarify", clarification=answers.which_dataset(close, build.language, build.choices))
    source, plan = ranked[0]
    if plan.missing:
        plan = await _resolved(build, source, plan)
    if plan.missing or not plan.tiles:
        others = [one for one, _ in ranked[:2]]
        if not plan.missing:
            return _finish(build, "refused", refusal=answers.not_understood(others, build.language))
        return _finish(build, "refused", refusal=answers.unknown_terms(plan.missing, others, build.language))
    plan = await _settled(build, source, plan)
    if plan.ambiguities:
        return _asked_back(build, source, plan)
    began_s = monotonic_s()
    plan = await anchoring.anchored(build.actor, source, plan, build.request.question, today=build.today)
    build.query_ms = elapsed_ms(began_s)
    return await _shown(build, source, plan)


def _asked_back(build: _Build, source: Source, plan: Plan) -> BuildAnswer:
    clarification = answers.which_reading(plan.ambiguities[0], source, build.language, build.choices)
    return _finish(build, "clarify", plan=plan, clarification=clarification)


def _plan(build: _Build, source: Source, choices: Choices) -> Plan:
    return make_plan(build.request.question, source.index, source.dataset_id, today=build.today, pins=choices.pins)


def _score(plan: Plan) -> float:
    return plan.confidence * plan.coverage - _MISSING_COSTS * len(plan.missing)


async def _resolved(build: _Build, source: Source, plan: Plan) -> Plan:
    """Try to find out what unknown words stand for: values of large columns first, then meaning."""
    await build.watcher.step("meaning")
    pins = await meaning.by_values(build.actor, plan.missing, source)
    left = [one for one in plan.missing if one.text not in pins]
    if left and build.language == "en":  # the vectors' model knows English only
        try:
            pins |= await meaning.by_meaning(left, source)
        except LlmUnavailableError:
            build.notes.append(Note("embeddings_late"))
    if not pins:
        return plan
    choices = Choices(build.choices.dataset_id, {**build.choices.pins, **pins})
    return _plan(build, source, choices)


async def _settled(build: _Build, source: Source, plan: Plan) -> Plan:
    """Let a model that is large enough choose between close readings; a person is asked otherwise."""
    if not plan.ambiguities:
        return plan
    model = await llm.current(build.actor)
    if model.provider == "none" or not await llm.may_decide(model):
        return plan
    await build.watcher.first(_asked_back(build, source, plan))
    await build.watcher.step("model")
    ambiguity = plan.ambiguities[0]
    readings = {
        f"{one.field_id}={one.value}" if one.value else one.field_id: one
        for one in ambiguity.candidates[: model_step.MOST_OPTIONS]
    }
    options = [(name, answers.option_label(one, source, "en")) for name, one in readings.items()]
    try:
        chosen, build.model = await model_step.choose(build.actor, build.request.question, ambiguity.text, options)
    except (LlmUnavailableError, LlmAnswerInvalidError):
        build.notes.append(Note("model_failed"))
        return plan
    if chosen is None:
        return plan
    build.decided_by_model = True
    build.notes.append(Note("model_chose", (("words", build.model),)))
    return _plan(build, source, build.choices.with_pin(ambiguity.text, readings[chosen]))


async def _shown(build: _Build, source: Source, plan: Plan) -> BuildAnswer:
    await build.watcher.step("checks")
    started_s = monotonic_s()
    done = await execute.run_all(build.actor, plan.tiles, source.index.catalogue, language=build.language)
    build.query_ms = round(build.query_ms + elapsed_ms(started_s), 1)
    failed = next((one for one in done if one.result is None), None)
    if failed is not None:
        return _finish(build, "refused", plan=plan, refusal=answers.unreadable(failed.problem, build.language))
    shown, spec = answers.dashboard(plan, done, source, question=build.request.question, language=build.language)
    build.notes = [*answers.result_notes(plan, done, source, build.language), *build.notes]
    answer = _finish(build, "ok", plan=plan, dashboard=shown, spec=spec)
    title = await _title(build, answer)
    shown, spec = shown.model_copy(update={"title": title}), spec.model_copy(update={"title": title})
    return _finish(build, "ok", plan=plan, dashboard=shown, spec=spec)


async def _title(build: _Build, answer: BuildAnswer) -> str:
    """Return the title, worded by a model if one is there that may decide."""
    assert answer.dashboard is not None  # noqa: S101 - asked only of what is shown
    title = answer.dashboard.title
    model = await llm.current(build.actor)
    failed = Note("model_failed") in build.notes
    if failed or model.provider == "none" or not await llm.may_decide(model):
        return title
    await build.watcher.first(answer)
    await build.watcher.step("model")
    try:
        worded, build.model = await model_step.word_title(build.actor, build.request.question, title, build.language)
    except (LlmUnavailableError, LlmAnswerInvalidError):
        build.notes.append(Note("model_failed"))
        return title
    return worded


def _finish(build: _Build, status: str, *, plan: Plan | None = None, **parts: object) -> BuildAnswer:
    planner: Planner = "rules"
    if build.decided_by_model:
        planner = "llm"
    elif plan is not None and "embeddings" in plan.via:
        planner = "embeddings"
    notes = tuple(dict.fromkeys(wording.note_text(one, build.language) for one in build.notes))
    return BuildAnswer.model_validate(
        {
            "status": status,
            "planner": planner,
            "model": build.model,
            "took_ms": round(elapsed_ms(build.started_s), 1),
            "query_ms": build.query_ms,
            "language": build.language,
            "notes": notes,
            **parts,
        }
    )


async def visible_catalogue(actor: Actor, dataset_id: UUID) -> Catalogue:
    """Return what may be asked of a dataset, without what row-level rules hide from the actor.

    Raises:
        DatasetNotFoundError: No such dataset in the actor's tenant.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_BUILD)
    (source,) = await sources.load(actor, dataset_id)
    return source.index.catalogue


async def warm_up() -> None:
    """Load the dictionaries of both languages before the first question comes."""
    await asyncio.to_thread(language_of, "število orders")
