"""UUIDs of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, then chance.

Ten lines of our own, because importing the `uuid6` package costs a third of what importing SQLAlchemy costs.
"""

import os
from datetime import datetime


def uuid7(moment: datetime) -> str:
    """Return a new id whose leading bits are `moment`."""
    milliseconds = max(0, int(moment.timestamp() * 1000)) & (1 << 48) - 1
    chance = int.from_bytes(os.urandom(10))
    version_and_a = 0x7000 | chance >> 68  # 4 bits of version, 12 of chance
    variant_and_b = 0b10 << 62 | chance & (1 << 62) - 1
    digits = f"{milliseconds:012x}{version_and_a:04x}{variant_and_b:016x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
