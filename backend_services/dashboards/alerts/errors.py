"""What alerts refuse.

::

    NotFoundError
    ├── AlertNotFoundError
    └── AlertNoticeNotFoundError
    ConflictError
    ├── AlertChangedError
    ├── AlertNotFiringError
    └── AlertPausedError
    InvalidInputError
    ├── AlertConditionError
    └── TileNotWatchableError
    PermissionDeniedError
    └── AlertNotYoursError
"""

from __future__ import annotations

from backend_services.kernel.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError


class AlertNotFoundError(NotFoundError):
    """No such alert in the actor's tenant, or it is another person's."""

    code = "alert_not_found"
    default_message = "There is no such alert here. It may have been deleted."


class AlertNoticeNotFoundError(NotFoundError):
    """No such notice for the actor."""

    code = "alert_notice_not_found"
    default_message = "There is no such notice for you. Its alert may have been deleted."


class AlertChangedError(ConflictError):
    """Somebody saved the alert since the caller loaded it."""

    code = "alert_changed"
    default_message = "This alert was changed meanwhile. Load it again and repeat your change."


class AlertNotFiringError(ConflictError):
    """Only what fires, or has no data, can be acknowledged."""

    code = "alert_not_firing"
    default_message = "This alert does not fire any more, so there is nothing to acknowledge."


class AlertPausedError(ConflictError):
    """A paused alert is not evaluated."""

    code = "alert_paused"
    default_message = "This alert is paused. Resume it first."


class AlertConditionError(InvalidInputError):
    """The condition cannot be judged on this figure."""

    code = "alert_condition_invalid"
    default_message = "This condition does not fit the figure. Choose a period, or another condition."


class TileNotWatchableError(InvalidInputError):
    """Only a tile that shows a single number in catalogue terms can be watched."""

    code = "tile_not_watchable"
    default_message = "Only a tile that shows one number, and no SQL, can be watched. Choose its metric instead."


class AlertNotYoursError(PermissionDeniedError):
    """Only its owner changes what an alert watches: it sees with the owner's rights."""

    code = "alert_not_yours"
    default_message = "Only its owner can change what this alert watches. Make one of your own."
