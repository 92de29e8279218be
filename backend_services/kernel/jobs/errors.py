"""Refusals of jobs."""

from __future__ import annotations

from backend_services.kernel.errors import ConflictError, DomainError, ErrorKind, NotFoundError


class JobNotFoundError(NotFoundError):
    """No such job in the actor's tenant."""

    code = "job_not_found"
    default_message = "There is no such job here."


class JobNotCancellableError(ConflictError):
    """The job has ended already."""

    code = "job_not_cancellable"
    default_message = "This job has ended already, so it cannot be cancelled."


class JobNotRetryableError(ConflictError):
    """The job waits, runs or has succeeded; only one that ended without success can be repeated."""

    code = "job_not_retryable"
    default_message = "Only a job that failed or was cancelled can be repeated."


class JobUnknownError(DomainError):
    """No handler of that name is registered in this process."""

    kind = ErrorKind.INVALID
    code = "job_unknown"
    default_message = "This version of the platform does not know this kind of job."


class JobTimeLimitError(DomainError):
    """The job ran longer than its handler allows."""

    kind = ErrorKind.UNAVAILABLE
    code = "job_time_limit"
    default_message = "The job took longer than its time limit and was stopped. Split the work, or repeat it later."


class JobInterruptedError(DomainError):
    """The worker was lost in the middle of the last attempt."""

    kind = ErrorKind.UNAVAILABLE
    code = "job_interrupted"
    default_message = "The worker stopped in the middle of this job's last attempt. Repeat it."


class JobFailedError(DomainError):
    """The handler raised something that is not a refusal; the job's log has the details."""

    kind = ErrorKind.UNAVAILABLE
    code = "job_failed"
    default_message = "The job failed because of an internal error. Its log has the details. Repeat it later."


class JobCancelledError(ConflictError):
    """Somebody cancelled the job; raised inside the handler by ``context.raise_if_cancelled``."""

    code = "job_cancelled"
    default_message = "The job was cancelled."


class BrokerAwayError(DomainError):
    """The broker does not answer. Jobs wait in the database."""

    kind = ErrorKind.UNAVAILABLE
    code = "broker_away"
    default_message = "The job queue does not answer. Jobs wait and start when it is back."
