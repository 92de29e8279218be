"""The team and the mail server of the tests here."""

from tests.integration.team import ana, bor, mailbox, tenant

__all__ = ["ana", "bor", "mailbox", "tenant"]
