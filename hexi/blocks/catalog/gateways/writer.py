"""Writing messages down from a gateway: one thread, many messages a commit, an answer only after the commit."""

import asyncio
import logging
import queue
import threading

from django.db import DatabaseError, OperationalError, connection

from hexi.blocks.catalog.operations.messages import Line, write
from hexi.wire.xroad.errors import Fault

log = logging.getLogger(__name__)
#: most messages of one transaction
MOST = 500
_Waiting = tuple[Line, "asyncio.Future[None]"]


class Writer(threading.Thread):
    """The one writer of a stream. What it was given before `close` is still written."""

    def __init__(self, stream: str, loop: asyncio.AbstractEventLoop):
        super().__init__(name=f"writer-{stream}", daemon=True)
        self.stream, self.loop = stream, loop
        self.queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self.start()

    async def put(self, line: Line) -> None:
        """Returns when the message is on the disk. Raises `Fault` if it was refused or cannot be written."""
        future = self.loop.create_future()
        self.queue.put((line, future))
        await future

    def close(self) -> None:
        """Write what is waiting, then end."""
        self.queue.put(None)
        self.join(30)

    def run(self) -> None:
        """Take what has gathered, write it, tell who waits."""
        while (first := self.queue.get()) is not None:
            waiting: list[_Waiting] = [first]
            ended = False
            while len(waiting) < MOST and not self.queue.empty():
                one = self.queue.get()
                if one is None:
                    ended = True
                    break
                waiting.append(one)
            found = self._written([line for line, _ in waiting])
            self.loop.call_soon_threadsafe(_tell, [future for _, future in waiting], found)
            if ended:
                break
        connection.close()

    def _written(self, lines: list[Line]) -> list[Fault | None]:
        try:
            return write(self.stream, lines)
        except (DatabaseError, OSError) as error:
            log.error("messages cannot be written: %s", error)
            connection.close()  # a connection that failed is not trusted again
            if len(lines) > 1 and not isinstance(error, (OperationalError, OSError)):
                return self._one_by_one(lines)
            why = "The message cannot be written down, so it is not passed on: " + type(error).__name__
            return [Fault(f"{line.place}LoggingFailed", why) for line in lines]
        except Exception as error:  # a defect must not leave callers waiting for ever
            log.exception("writing messages failed")
            connection.close()
            if len(lines) > 1:
                return self._one_by_one(lines)
            return [Fault(f"{line.place}InternalError", type(error).__name__) for line in lines]

    def _one_by_one(self, lines: list[Line]) -> list[Fault | None]:
        """One message that cannot be written fails alone, not all that came with it."""
        return [self._written([line])[0] for line in lines]


def _tell(futures: list["asyncio.Future[None]"], found: list[Fault | None]) -> None:
    for future, fault in zip(futures, found, strict=True):
        if future.done():  # its caller has gone
            continue
        if fault is None:
            future.set_result(None)
        else:
            future.set_exception(fault)
