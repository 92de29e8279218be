"""Texts and formats in every language of the platform. A language is a folder of JSON files below ``locales``."""

from backend_services.kernel.i18n.catalogue import (
    LANGUAGES,
    FieldText,
    MissingTextError,
    error_text,
    field_text,
    field_texts,
    has_text,
    plural,
    stored_text,
    text,
    texts,
)
from backend_services.kernel.i18n.faults import fault_of, fault_text
from backend_services.kernel.i18n.formats import (
    format_date,
    format_datetime,
    format_money,
    format_number,
    format_percent,
    format_relative,
    format_short,
    format_time,
    format_typed,
    read_number,
)

__all__ = [
    "LANGUAGES",
    "FieldText",
    "MissingTextError",
    "error_text",
    "fault_of",
    "fault_text",
    "field_text",
    "field_texts",
    "format_date",
    "format_datetime",
    "format_money",
    "format_number",
    "format_percent",
    "format_relative",
    "format_short",
    "format_time",
    "format_typed",
    "has_text",
    "plural",
    "read_number",
    "stored_text",
    "text",
    "texts",
]
