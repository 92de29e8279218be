"""What dashboards refuse.

::

    NotFoundError
    ├── DashboardNotFoundError
    ├── DashboardVersionNotFoundError
    ├── DashboardTypeNotFoundError
    ├── ShareNotFoundError
    ├── TileDataGoneError
    └── TileNotFoundError
    ConflictError
    ├── DashboardChangedError
    └── DashboardTypeNotReadyError
    InvalidInputError
    ├── ConfirmationWrongError
    ├── DashboardFullError
    ├── DashboardInvalidError
    ├── TileHasNoDataError
    └── TileHasNoRowsError
    PermissionDeniedError
    └── DashboardReadOnlyError
"""

from __future__ import annotations

from backend_services.kernel.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError


class DashboardNotFoundError(NotFoundError):
    """No such dashboard in the actor's tenant, or it is not shared with the actor."""

    code = "dashboard_not_found"
    default_message = "There is no such dashboard here. It may have been deleted, or not be shared with you."


class TileNotFoundError(NotFoundError):
    """The dashboard has no tile with this identifier."""

    code = "dashboard_tile_not_found"
    default_message = "This dashboard has no such tile. Load it again to see its tiles."


class TileDataGoneError(NotFoundError):
    """The dataset of a tile was deleted, or the reader may not see it."""

    code = "dashboard_tile_data_gone"
    default_message = "The data of this tile is not here any more. Edit the tile to choose another dataset."


class DashboardVersionNotFoundError(NotFoundError):
    """The dashboard never had this version."""

    code = "dashboard_version_not_found"
    default_message = "This dashboard has no such version. The list of versions shows which there are."


class DashboardTypeNotFoundError(NotFoundError):
    """None of the built-in dashboard types has this name."""

    code = "dashboard_type_not_found"
    default_message = "There is no such dashboard type. The list of types shows their names."


class ShareNotFoundError(NotFoundError):
    """The dashboard is not shared with this role."""

    code = "dashboard_share_not_found"
    default_message = "The dashboard is not shared with this role."


class DashboardChangedError(ConflictError):
    """Somebody saved another version since the caller loaded the dashboard."""

    code = "dashboard_changed"
    default_message = "Somebody saved this dashboard meanwhile. Load it again and repeat your change."


class DashboardTypeNotReadyError(ConflictError):
    """A built-in dashboard cannot be made because its data is not there yet."""

    code = "dashboard_type_not_ready"
    default_message = "There is not enough data for this dashboard yet. The list of types says what is missing."


class ConfirmationWrongError(InvalidInputError):
    """The typed word is not the dashboard's title, so nothing was deleted."""

    code = "dashboard_confirmation_wrong"
    default_message = "Type the dashboard's title exactly to delete it. Nothing was deleted."


class DashboardFullError(InvalidInputError):
    """The dashboard has as many tiles as it can have."""

    code = "dashboard_full"
    default_message = "A dashboard shows 40 figures at most. Remove one first, or begin another dashboard."


class DashboardInvalidError(InvalidInputError):
    """The specification does not fit the data; ``fields`` says where and what to do."""

    code = "dashboard_invalid"
    default_message = "The dashboard does not fit its data. Each named field says what to change. Nothing was saved."


class DashboardReadOnlyError(PermissionDeniedError):
    """The dashboard is shared with the actor for reading, or only its owner may do this."""

    code = "dashboard_read_only"
    default_message = "You may read this dashboard but not change it. Ask its owner, or make a copy."


class TileHasNoDataError(InvalidInputError):
    """The tile is a text, which asks no data."""

    code = "dashboard_tile_no_data"
    default_message = "This tile is a text: it has no data to list or download. Choose a tile with a figure."


class TileHasNoRowsError(InvalidInputError):
    """The tile is free SQL, whose answer cannot be traced to rows."""

    code = "dashboard_tile_no_rows"
    default_message = "This tile is free SQL, so its rows cannot be listed. Open its table or its SQL instead."
