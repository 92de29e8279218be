"""Refusals of datasets.

::

    DatasetNotFoundError            no such dataset in the tenant
    DatasetNotReadyError            it has no data yet, or its first upload failed
    DatasetNameMismatchError        the typed confirmation is not the dataset's name
    DatasetReadOnlyError            a table of the platform cannot be changed or deleted
    CatalogueChangedError           somebody saved the catalogue meanwhile
    CatalogueInvalidError           an edited catalogue contradicts itself or the data
    SampleNotFoundError             no such sample
    IngestionNotFoundError          no such ingestion job
    IngestionNotRetryableError      its file is gone
    BadFileError                    the file cannot be read; each kind is a class of its own below
"""

from __future__ import annotations

from backend_services.kernel.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    TooLargeError,
    UnavailableError,
)


class DatasetNotFoundError(NotFoundError):
    """No such dataset in the actor's tenant."""

    code = "dataset_not_found"
    default_message = "There is no such dataset here. It may have been deleted."


class DatasetNotReadyError(ConflictError):
    """The dataset has no data yet, or its first upload failed."""

    code = "dataset_not_ready"
    default_message = "This dataset has no data yet. Wait for its upload to finish, or upload the file again."


class DatasetNameMismatchError(InvalidInputError):
    """The typed confirmation is not the dataset's name."""

    code = "dataset_name_mismatch"
    default_message = "The name you typed is not the dataset's name. Nothing was deleted."


class DatasetReadOnlyError(ConflictError):
    """A table of the platform cannot be changed or deleted."""

    code = "dataset_read_only"
    default_message = "This is one of the platform's own tables; it cannot be changed or deleted."


class CatalogueChangedError(ConflictError):
    """Somebody saved the catalogue meanwhile."""

    code = "catalogue_changed"
    default_message = "Somebody changed this catalogue meanwhile. Load it again and repeat your change."


class CatalogueInvalidError(InvalidInputError):
    """An edited catalogue contradicts itself or the data."""

    code = "catalogue_invalid"
    default_message = "The catalogue does not fit the data. Correct the fields named."


class SampleNotFoundError(NotFoundError):
    """No such sample."""

    code = "sample_not_found"
    default_message = "There is no such sample."


class IngestionNotFoundError(NotFoundError):
    """No such ingestion job in the actor's tenant."""

    code = "ingestion_not_found"
    default_message = "There is no such upload here."


class IngestionNotRetryableError(ConflictError):
    """The uploaded file was unreadable or is gone, so doing the same again cannot succeed."""

    code = "ingestion_not_retryable"
    default_message = "This upload cannot be repeated because its file is gone. Upload the file again."


class UploadInvalidError(InvalidInputError):
    """The request is no multipart form with one file."""

    code = "upload_invalid"
    default_message = "Send a multipart form with one file in the field 'file'."


class BadFileError(InvalidInputError):
    """The file cannot be read as a table."""

    code = "file_unreadable"
    default_message = "This file cannot be read as a table. Send CSV, XLSX, Parquet, JSON or JSON Lines."


class FileEmptyError(BadFileError):
    """There is nothing in the file, or nothing but a header."""

    code = "file_empty"
    default_message = "There are no rows in this file."


class FileBinaryError(BadFileError):
    """The file is of a kind that holds no table."""

    code = "file_binary"
    default_message = "This is not a table but some other kind of file. Send CSV, XLSX, Parquet, JSON or JSON Lines."


class FileBrokenError(BadFileError):
    """The file begins like one of its format but is damaged or cut off."""

    code = "file_broken"
    default_message = "This {format} file is damaged or incomplete. Export it again and repeat the upload."


class FileProtectedError(BadFileError):
    """The workbook has a password."""

    code = "file_protected"
    default_message = "This workbook is protected by a password. Save it without one and repeat the upload."


class FileOldWorkbookError(BadFileError):
    """The workbook is of the kind before 2007."""

    code = "file_old_workbook"
    default_message = "This is a workbook of the old .xls kind. Save it as .xlsx and repeat the upload."


class FileShapeError(BadFileError):
    """The JSON is whole but holds no list of objects."""

    code = "file_shape"
    default_message = "This JSON holds no table. Send a list of objects whose keys name the columns."


class SheetNotFoundError(BadFileError):
    """The workbook has no sheet of that name."""

    code = "sheet_not_found"
    default_message = "The workbook has no such sheet."


class TooManyColumnsError(TooLargeError):
    """More columns than the limit."""

    code = "too_many_columns"
    default_message = "The table has more columns than the limit of {limit}."


class TooManyRejectsError(BadFileError):
    """Most rows do not fit one table."""

    code = "too_many_rejects"
    default_message = "Most rows of this file do not fit one table. Look at its delimiter and its first lines."


class FileTooLargeError(TooLargeError):
    """The file is larger than uploads may be."""

    code = "file_too_large"
    default_message = "The file is larger than the limit of {limit_mb} MB."


class FileExpandsTooMuchError(TooLargeError):
    """Unpacked, the file would be larger than allowed: a mistake or a zip bomb."""

    code = "file_expands_too_much"
    default_message = "Unpacked, this file is far larger than it looks. Send it uncompressed, or in parts."


class DiskFullError(UnavailableError):
    """There is no room for the data; nothing half-written stays behind."""

    code = "disk_full"
    default_message = "There is no room left for this data. Nothing was stored. Free some space and repeat."


class DatasetFileMissingError(UnavailableError):
    """The stored file of a version cannot be found or read."""

    code = "dataset_file_missing"
    default_message = "The stored data of this dataset cannot be read. Upload the file again."


class IngestionTooSlowError(UnavailableError):
    """The conversion took longer than its time limit."""

    code = "ingestion_too_slow"
    default_message = "Reading this file took too long and was stopped. Send it in parts."
