"""What webhooks refuse.

::

    NotFoundError
    ├── WebhookDeliveryNotFoundError
    └── WebhookNotFoundError
    ConflictError
    ├── WebhookChangedError
    └── WebhookOffError
    InvalidInputError
    └── WebhookAddressError
    UnavailableError
    └── WebhookUnansweredError
"""

from __future__ import annotations

from backend_services.kernel.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError


class WebhookNotFoundError(NotFoundError):
    """No such endpoint in the actor's tenant."""

    code = "webhook_not_found"
    default_message = "There is no such webhook here. It may have been deleted."


class WebhookDeliveryNotFoundError(NotFoundError):
    """No such delivery of this endpoint, or it is kept no longer."""

    code = "webhook_delivery_not_found"
    default_message = "This delivery is not here any more. The log is kept for a limited time."


class WebhookChangedError(ConflictError):
    """Somebody saved the endpoint since the caller loaded it."""

    code = "webhook_changed"
    default_message = "This webhook was changed meanwhile. Load it again and repeat your change."


class WebhookOffError(ConflictError):
    """Nothing is sent to an endpoint that is switched off."""

    code = "webhook_off"
    default_message = "This webhook is switched off. Switch it on first."


class WebhookAddressError(InvalidInputError):
    """The address is none that webhooks may go to."""

    code = "webhook_address_refused"
    default_message = (
        "Webhooks go to https addresses on the public internet. "
        "Whoever runs this install can allow other networks (OMNI_WEBHOOKS_NETWORKS)."
    )


class WebhookUnansweredError(UnavailableError):
    """The server was not reached, took too long, or did not answer with success."""

    code = "webhook_unanswered"
    default_message = "The server did not take the message. It is sent again later."
