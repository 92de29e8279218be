"""What subscriptions refuse.

::

    NotFoundError
    ├── DeliveryNotFoundError
    └── SubscriptionNotFoundError
    ConflictError
    └── SubscriptionChangedError
    InvalidInputError
    └── UnsubscribeLinkInvalidError
"""

from __future__ import annotations

from backend_services.kernel.errors import ConflictError, InvalidInputError, NotFoundError


class SubscriptionNotFoundError(NotFoundError):
    """No such subscription in the actor's tenant, or it is another person's."""

    code = "subscription_not_found"
    default_message = "There is no such subscription here. It may have been deleted."


class DeliveryNotFoundError(NotFoundError):
    """No such delivery for the actor, or its file was deleted after its time."""

    code = "delivery_not_found"
    default_message = "This file is not here any more. Files in the inbox are kept for a limited time."


class SubscriptionChangedError(ConflictError):
    """Somebody saved the subscription since the caller loaded it."""

    code = "subscription_changed"
    default_message = "This subscription was changed meanwhile. Load it again and repeat your change."


class UnsubscribeLinkInvalidError(InvalidInputError):
    """The link was changed, or the subscription is gone."""

    code = "unsubscribe_link_invalid"
    default_message = "This link does not work any more. The subscription may have been deleted already."
