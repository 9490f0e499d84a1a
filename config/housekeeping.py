"""What each process sees to now and then, as long as it serves sockets.

What is done here may be done by several processes at once, twice, or an hour late.
"""

import asyncio
import logging
import random

from accounts.services.device import devices_expire
from realtime.pool import DatabasePool
from realtime.protocol.errors import ParleyError

logger = logging.getLogger(__name__)

EVERY_S = 3600.0


async def keep_house(pool: DatabasePool) -> None:
    """For as long as the process lives. Each at its own time, so that many processes do not begin together."""
    while True:
        await asyncio.sleep(random.uniform(0.5, 1) * EVERY_S)  # noqa: S311
        try:
            while ended := await pool.run(devices_expire):
                logger.info("%d sign-ins had run out", ended)
        except ParleyError as error:
            logger.warning("what has run out is ended later: %s", error)
