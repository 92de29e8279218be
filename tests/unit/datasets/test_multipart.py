"""A form's file is handed on as it arrives, whatever the order of its fields."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.types import Message

from backend_services.datasets.errors import UploadInvalidError
from state.api.multipart import UploadForm

NAME = b'--B\r\nContent-Disposition: form-data; name="name"\r\n\r\nSales\r\n'
FILE = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na,b\r\n1,2\r\n'


def form_of(body: bytes, size: int) -> UploadForm:
    parts = [body[start : start + size] for start in range(0, len(body), size)]

    async def receive() -> Message:
        part = parts.pop(0) if parts else b""
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    headers = [(b"content-type", b"multipart/form-data; boundary=B")]
    return UploadForm(Request({"type": "http", "method": "POST", "headers": headers}, receive))


@pytest.mark.parametrize("size", [1, 7, 4096])
@pytest.mark.parametrize("parts", [NAME + FILE, FILE + NAME])
async def test_the_file_and_the_fields_arrive(parts: bytes, size: int) -> None:
    form = form_of(parts + b"--B--\r\n", size)
    assert await form.open() == "a.csv"
    assert b"".join([chunk async for chunk in form.chunks()]) == b"a,b\r\n1,2"
    assert form.fields == {"name": "Sales"}


@pytest.mark.parametrize("body", [b"", NAME + b"--B--\r\n", b"no form at all"])
async def test_without_a_file_it_is_refused(body: bytes) -> None:
    with pytest.raises(UploadInvalidError):
        await form_of(body, 64).open()


async def test_a_body_that_is_cut_off_is_refused() -> None:
    form = form_of(FILE[:-6], 64)
    await form.open()
    with pytest.raises(UploadInvalidError):
        assert [chunk async for chunk in form.chunks()]
