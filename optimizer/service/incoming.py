"""The body of a request that is a file: it is not held in memory, but put aside on the disk while it comes in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import SpooledTemporaryFile
from typing import IO

from fastapi import Request, UploadFile
from fastapi.concurrency import run_in_threadpool

from optimizer.service.settings import MEGABYTE


@asynccontextmanager
async def incoming(request: Request) -> AsyncIterator[IO[bytes]]:
    """The whole body as a file, small ones in memory; it is gone once it was used."""
    with SpooledTemporaryFile[bytes](max_size=MEGABYTE) as file:
        # which writes beyond the first megabyte in a thread
        upload = UploadFile(file)  # type: ignore[arg-type]  # a file of bytes in all but its declared type
        async for piece in request.stream():
            await upload.write(piece)
        await run_in_threadpool(file.seek, 0)
        yield file
