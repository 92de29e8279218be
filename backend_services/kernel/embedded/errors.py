"""What can keep the cellar from opening. Each message says the way out.

::

    CellarError
    ├── BinariesMissingError      no wheel with the servers for this platform is installed
    ├── DataFolderBusyError       another Omni uses the data folder
    ├── DataFolderClosedError     the unprivileged account cannot reach the data folder
    ├── DataFolderUnusableError   the data folder cannot be made or written
    ├── DataFolderVersionError    the data was written by another major version of PostgreSQL
    ├── NoAccountError            started by root, and there is no unprivileged account
    └── ServerFailedError         a server ended or did not answer in time
"""

from __future__ import annotations


class CellarError(Exception):
    """The embedded servers cannot be started; the message is for the person at the terminal."""


class BinariesMissingError(CellarError):
    """No wheel with the servers for this platform is installed."""


class DataFolderBusyError(CellarError):
    """Another Omni uses the data folder."""


class DataFolderClosedError(CellarError):
    """The unprivileged account cannot reach the data folder."""


class DataFolderUnusableError(CellarError):
    """The data folder cannot be made or written."""


class DataFolderVersionError(CellarError):
    """The data was written by another major version of PostgreSQL."""


class NoAccountError(CellarError):
    """Started by root, and there is no unprivileged account to run the servers as."""


class ServerFailedError(CellarError):
    """A server ended or did not answer in time."""
