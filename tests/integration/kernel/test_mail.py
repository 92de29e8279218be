"""Messages: composed in both languages, delivered by a real SMTP conversation or into files."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from backend_services.kernel.embedded.network import free_port
from backend_services.kernel.mail.adapters.folder import FolderTransport
from backend_services.kernel.mail.adapters.smtp import SmtpTransport
from backend_services.kernel.mail.errors import MailInvalidError, MailRefusedError, MailUndeliverableError
from backend_services.kernel.mail.message import checked_address, compose
from backend_services.kernel.mail.settings import MailSettings


class Inbox:
    """Takes messages; refuses some recipients as servers do."""

    def __init__(self) -> None:
        """Begin empty."""
        self.messages: list[bytes] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take or refuse the recipient."""
        if address.startswith("unknown"):
            return "550 no such person"
        if address.startswith("later"):
            return "450 try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message."""
        assert isinstance(envelope.content, bytes)
        self.messages.append(envelope.content)
        return "250 taken"


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, MailSettings]]:
    """Serve an inbox on a free port."""
    kept = Inbox()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings = MailSettings(smtp_host="127.0.0.1", smtp_port=controller.port, smtp_security="none", smtp_timeout_s=5)
    yield kept, settings
    controller.stop()


def _message(to: str = "ana@example.org", language: str = "sl", **params: str) -> EmailMessage:
    return compose(
        "test",
        to=to,
        language=language,
        sender="Omni <omni@example.org>",
        params={"product": "Omni", "link": "https://omni.example.org/x?a=1&b=2", **params},
        message_id="fixed",
    )


async def test_a_message_arrives_with_text_and_html(inbox: tuple[Inbox, MailSettings]) -> None:
    kept, settings = inbox
    assert "taken" in await SmtpTransport(settings).deliver(_message())
    got = message_from_bytes(kept.messages[0], policy=policy.default)
    assert isinstance(got, EmailMessage)
    assert got["Subject"] == "Preskusno sporočilo: Omni"
    assert got["Message-ID"] == "<fixed@example.org>"
    plain, html = got.get_body(("plain",)), got.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "https://omni.example.org/x?a=1&b=2" in plain.get_content()
    assert 'href="https://omni.example.org/x?a=1&amp;b=2"' in html.get_content()


async def test_a_refused_recipient_is_final_and_a_busy_server_is_not(inbox: tuple[Inbox, MailSettings]) -> None:
    transport = SmtpTransport(inbox[1])
    with pytest.raises(MailRefusedError):
        await transport.deliver(_message("unknown@example.org"))
    with pytest.raises(MailUndeliverableError):
        await transport.deliver(_message("later@example.org"))


async def test_no_server_means_later() -> None:
    settings = MailSettings(smtp_host="127.0.0.1", smtp_port=free_port(), smtp_security="none", smtp_timeout_s=2)
    with pytest.raises(MailUndeliverableError):
        await SmtpTransport(settings).deliver(_message())


async def test_without_a_server_messages_become_files(tmp_path: Path) -> None:
    name = await FolderTransport(tmp_path / "mail").deliver(_message(language="en"))
    got = message_from_bytes((tmp_path / "mail" / name).read_bytes(), policy=policy.default)
    assert got["To"] == "ana@example.org"
    assert [path.suffix for path in (tmp_path / "mail").iterdir()] == [".eml"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "a@",
        "@b",
        "a@b\r\nBcc: c@d",
        "a@b, c@d",
        "A <a@b>",
        "a b@c",
        "a@b\n",
        f"{'x' * 65}@b",
        f"a@{'b' * 300}",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(MailInvalidError):
        checked_address(address)


def test_parameters_cannot_add_headers_or_markup() -> None:
    message = _message(product="X\r\nBcc: victim@example.org <script>")
    assert message["Bcc"] is None
    assert "\n" not in str(message["Subject"])
    html = message.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    with pytest.raises(MailInvalidError):
        _message(link="javascript:alert(1)")
