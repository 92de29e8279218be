"""A multipart form with one file, read as it arrives: the file's bytes are handed on, never collected."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.datastructures import UploadFile

from backend_services.datasets.errors import UploadInvalidError

if TYPE_CHECKING:
    from starlette.requests import Request

MAX_FIELD_BYTES = 4096
MAX_FIELDS = 16
CHUNK_BYTES = 1 << 20


@dataclass(slots=True)
class _Part:
    name: str = ""
    file_name: str | None = None
    data: bytearray = field(default_factory=bytearray)


class UploadForm:
    """A form whose fields are known once its file has been read to the end.

    Use: ``form = UploadForm(request); file_name = await form.open(); async for chunk in form.chunks(): …``, then
    ``form.fields``.
    """

    def __init__(self, request: Request) -> None:
        """Read the body of ``request``, which nobody has read yet (or which was parsed as a form before)."""
        self.fields: dict[str, str] = {}
        self._request = request
        self._stream = request.stream()
        self._ready: deque[bytes] = deque()
        self._part = _Part()
        self._header_name = bytearray()
        self._header_value = bytearray()
        self._file_name: str | None = None
        self._file_ended = False
        self._files = 0
        self._ended = False
        self._parsed: UploadFile | None = None
        self._parser: MultipartParser | None = None

    async def open(self) -> str:
        """Read up to the beginning of the file and return its name.

        Raises:
            UploadInvalidError: The body is no multipart form with a file in the field ``file``.
        """
        kind, options = parse_options_header(self._request.headers.get("content-type", ""))
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise UploadInvalidError
        if getattr(self._request, "_form", None) is not None:
            return await self._open_parsed()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._field_name,
                "on_header_value": self._field_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._data,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )
        while self._file_name is None:
            await self._advance()
        return self._file_name

    async def _open_parsed(self) -> str:
        """Take the form that was parsed already, to compare a repeated request with the first."""
        form = await self._request.form()
        for name, value in form.multi_items():
            if isinstance(value, UploadFile) and name == "file":
                self._parsed = value
            elif isinstance(value, str):
                self.fields[name] = value
        if self._parsed is None:
            raise UploadInvalidError
        return self._parsed.filename or ""

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the file's bytes, then read the rest of the form."""
        if self._parsed is not None:
            while chunk := await self._parsed.read(CHUNK_BYTES):
                yield chunk
            return
        while not self._file_ended:
            while self._ready:
                yield self._ready.popleft()
            if not self._file_ended:
                await self._advance()
        while self._ready:
            yield self._ready.popleft()
        while not self._ended:
            await self._advance()

    async def _advance(self) -> None:
        """Parse the next piece of the body.

        Raises:
            UploadInvalidError: The body ends too early or is no form.
        """
        if self._parser is None:
            raise UploadInvalidError
        try:
            piece = await anext(self._stream)
        except StopAsyncIteration:
            raise UploadInvalidError from None
        try:
            self._parser.write(piece)
        except MultipartParseError as error:
            raise UploadInvalidError from error

    def _begin(self) -> None:
        self._part = _Part()

    def _field_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _field_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _header_end(self) -> None:
        if bytes(self._header_name).lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._header_value))
            self._part.name = options.get(b"name", b"").decode(errors="replace")
            if b"filename" in options:
                self._part.file_name = options[b"filename"].decode(errors="replace")
        self._header_name.clear()
        self._header_value.clear()

    def _headers_finished(self) -> None:
        if self._part.file_name is None:
            return
        self._files += 1
        if self._files > 1 or self._part.name != "file":
            raise UploadInvalidError
        self._file_name = self._part.file_name

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.file_name is not None:
            self._ready.append(data[start:end])
            return
        self._part.data += data[start:end]
        if len(self._part.data) > MAX_FIELD_BYTES:
            raise UploadInvalidError

    def _end_part(self) -> None:
        if self._part.file_name is not None:
            self._file_ended = True
        elif len(self.fields) < MAX_FIELDS:
            self.fields[self._part.name] = self._part.data.decode(errors="replace")

    def _end(self) -> None:
        self._ended = True
