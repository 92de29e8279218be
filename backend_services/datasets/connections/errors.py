"""Refusals of connections.

::

    ConnectionNotFoundError         no such connection in the tenant
    ConnectionNameTakenError        another one is called so
    ConnectionNameMismatchError     the typed confirmation is not the connection's name
    ConnectionChangedError          somebody saved it meanwhile
    ConnectionKindError             this cannot be done with a connection of this kind
    SqliteFileError                 the file is no SQLite database that can be read
    RemoteTableNotFoundError        the server has no such table, or the login may not read it
    RemoteTableUnreadableError      it has no columns, or too many
    RemoteColumnsMissingError       columns that were chosen are gone
    CursorColumnError               this column cannot tell what is new
    CopyNotIncrementalError         tables of this kind of database are always read whole
    CopyInProgressError             the table is being copied already
    DatasetNotCopiedError           the dataset is no copy of a table of a connection
    ConnectionError and below       why the server could not be asked
"""

from __future__ import annotations

from backend_services.kernel.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError


class ConnectionNotFoundError(NotFoundError):
    """No such connection in the actor's tenant."""

    code = "connection_not_found"
    default_message = "There is no such connection here. It may have been deleted."


class ConnectionNameTakenError(ConflictError):
    """Another connection is called so."""

    code = "connection_name_taken"
    default_message = "Another connection has this name. Choose a different one."


class ConnectionNameMismatchError(InvalidInputError):
    """The typed confirmation is not the connection's name."""

    code = "connection_name_mismatch"
    default_message = "The name you typed is not the connection's name. Nothing was deleted."


class ConnectionChangedError(ConflictError):
    """Somebody saved the connection meanwhile."""

    code = "connection_changed"
    default_message = "Somebody changed this connection meanwhile. Load it again and repeat your change."


class ConnectionKindError(InvalidInputError):
    """A connection of this kind is made or changed in another way."""

    code = "connection_kind"
    default_message = "A SQLite connection is made by uploading its file; the others by giving an address."


class SqliteFileError(InvalidInputError):
    """The file is no SQLite database that can be read."""

    code = "sqlite_file"
    default_message = "This is not a readable SQLite database. Upload the .sqlite or .db file itself, unencrypted."


class RemoteTableNotFoundError(NotFoundError):
    """The server has no such table, or the login may not read it."""

    code = "remote_table_not_found"
    default_message = "The database has no such table, or this login may not read it."


class RemoteTableUnreadableError(InvalidInputError):
    """The table has no columns, more than a dataset may have, or a row that is too long."""

    code = "remote_table_unreadable"
    default_message = "This table has no columns, too many columns, or a row that is too long to be copied."


class RemoteColumnsMissingError(InvalidInputError):
    """Columns that were chosen are not in the table, or the login may not read them any more."""

    code = "remote_columns_missing"
    default_message = "The table no longer has columns that were chosen, or this login may not read them."


class CursorColumnError(InvalidInputError):
    """The column cannot tell what is new, or is not among those that are copied."""

    code = "cursor_column"
    default_message = "This column cannot tell what is new. Choose a copied column of whole numbers, dates or times."


class CopyNotIncrementalError(InvalidInputError):
    """Tables of this kind of database are always read whole."""

    code = "copy_not_incremental"
    default_message = "Tables of this kind of database are always read whole. Choose a full copy."


class CopyInProgressError(ConflictError):
    """The table is being copied already."""

    code = "copy_in_progress"
    default_message = "This table is being copied just now. Wait until that has ended."


class DatasetNotCopiedError(ConflictError):
    """The dataset is no copy of a table of a connection."""

    code = "dataset_not_copied"
    default_message = "This dataset does not come from a connection, or its connection was deleted."


class ServerError(UnavailableError):
    """The server could not be asked."""

    code = "connection_failed"
    default_message = "The database refused this. See what it said, and try again."


class DriverMissingError(ServerError):
    """The driver for this kind of database is not installed."""

    code = "connection_driver"
    default_message = "This install lacks the driver for this kind of database. An operator can add its extra."


class ServerNameError(ServerError):
    """The host name cannot be resolved."""

    code = "connection_dns"
    default_message = "No server of this name is known. Check the host name."


class ServerForbiddenError(ServerError):
    """The address lies in a network that connections may not reach."""

    code = "connection_network"
    default_message = (
        "This address may not be reached from here. An operator can allow its network with "
        "OMNI_DATASETS_CONNECTIONS_NETWORKS."
    )


class ServerRefusedError(ServerError):
    """Nothing listens there."""

    code = "connection_refused"
    default_message = "Nothing answers at this address. Check host and port, and whether a firewall lets us through."


class ServerTimeoutError(ServerError):
    """It did not answer in time."""

    code = "connection_timeout"
    default_message = "The database did not answer in time. Check the address, or try again later."


class ServerTlsError(ServerError):
    """The encrypted channel could not be made."""

    code = "connection_tls"
    default_message = (
        "No trusted encrypted channel could be made. Check the certificate, give its authority, or choose another mode."
    )


class ServerLoginError(ServerError):
    """User name or password is wrong."""

    code = "connection_login"
    default_message = "The database does not accept this user name and password."


class ServerDatabaseError(ServerError):
    """There is no such database."""

    code = "connection_database"
    default_message = "The server has no database of this name, or this login may not open it."


class ServerRightsError(ServerError):
    """The login lacks a right."""

    code = "connection_rights"
    default_message = "This login may not read that. Grant it SELECT on the table."


class ServerLostError(ServerError):
    """The server went away while it was asked."""

    code = "connection_lost"
    default_message = "The database broke the connection off. Nothing was changed. Try again in a moment."
