"""Takes the rows of a table as they come, writes them as lines, and notes what the history keeps of them."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING, BinaryIO, Final

from backend_services.datasets.connections.encoding import lines_of
from backend_services.datasets.connections.errors import RemoteTableUnreadableError
from backend_services.datasets.connections.incremental import Taken, greatest, parsed, signature_of, written
from backend_services.datasets.connections.schemas import CopyMode
from backend_services.datasets.connections.settings import get_connection_settings
from backend_services.datasets.errors import DiskFullError, FileTooLargeError
from backend_services.datasets.settings import get_dataset_settings
from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from backend_services.datasets.connections.incremental import Plan, Value
    from backend_services.datasets.connections.models import CopiedTable
    from backend_services.datasets.connections.ports import Reader, RemoteColumn
    from backend_services.kernel.jobs.context import JobContext

ROWS_AT_A_TIME: Final = 2000
MAX_LINE_BYTES: Final = 8_000_000
_MOST_PROGRESS: Final = 0.9


class Taking:
    """One reading of a table.

    Attributes:
        rows: Rows that came so far.
    """

    def __init__(
        self, context: JobContext, columns: tuple[RemoteColumn, ...], names: tuple[str, ...], plan: Plan
    ) -> None:
        """Take ``columns`` under ``names``, as ``plan`` says."""
        self.rows = 0
        self._bytes = 0
        self._context = context
        self._columns = columns
        self._names = names
        self._plan = plan
        self._at = columns.index(plan.cursor) if plan.cursor is not None else None
        self._greatest: Value | None = None
        if plan.kept is not None and plan.kept.watermark is not None and plan.cursor is not None:
            self._greatest = parsed(plan.kept.watermark, plan.cursor.type)

    async def write(self, reader: Reader, copy: CopiedTable, file: BinaryIO) -> None:
        """Write the rows as they come.

        Raises:
            FileTooLargeError: There are too many, or they are too long together.
            RemoteTableUnreadableError: One of them is too long.
            DiskFullError: There is no room left.
            JobCancelledError: Somebody cancelled the job.
        """
        parts = reader.rows(
            copy.schema_name, copy.table_name, self._columns, size=ROWS_AT_A_TIME, since=self._plan.since
        )
        async for part in parts:
            text = await asyncio.to_thread(lines_of, part, self._names)
            if len(text) > MAX_LINE_BYTES and max(map(len, text.split(b"\n"))) > MAX_LINE_BYTES:
                raise RemoteTableUnreadableError(params={"reason": f"a row is longer than {MAX_LINE_BYTES} bytes"})
            await asyncio.to_thread(file.write, text)
            self.rows, self._bytes = self.rows + len(part), self._bytes + len(text)
            if self._at is not None:
                self._greatest = greatest([row[self._at] for row in part], than=self._greatest)
            self._require_room()
            await self._context.progress(_MOST_PROGRESS * self.rows / (self.rows + 10 * ROWS_AT_A_TIME), rows=self.rows)
            await self._context.raise_if_cancelled()

    def _require_room(self) -> None:
        limit = get_settings().max_upload_bytes
        if self.rows > get_connection_settings().copy_rows or self._bytes > limit:
            raise FileTooLargeError(params={"limit_mb": limit // 1_000_000})
        if shutil.disk_usage(get_settings().data_dir).free < get_dataset_settings().min_free_bytes:
            raise DiskFullError

    def taken(self) -> Taken:
        """Return what the history keeps of this reading."""
        cursor = self._plan.cursor
        return Taken(
            mode=CopyMode.FULL if self._plan.since is None else CopyMode.INCREMENTAL,
            reason=self._plan.reason,
            cursor_column=cursor.name if cursor is not None else "",
            watermark=written(self._greatest),
            signature=signature_of(self._columns),
            read_rows=self.rows,
            rows=self.rows,
        )
