"""A cache that all processes of this machine share, for locks: one file a key.

openedx-ledger takes its lock by ``cache.add``. Nothing is quicker than this without a service, so
the peer isn't slowed down by its cache.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache


class SharedCache(BaseCache):
    """``add`` and ``delete`` are atomic; nothing else is needed, and nothing expires."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.folder = Path(location)
        self.folder.mkdir(parents=True, exist_ok=True)

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> bool:
        try:
            os.close(os.open(self._find(key), os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            return False
        return True

    def delete(self, key: Any, version: Any = None) -> bool:
        self._find(key).unlink(missing_ok=True)
        return True

    def _find(self, key: Any) -> Path:
        return self.folder / hashlib.sha256(str(key).encode()).hexdigest()
