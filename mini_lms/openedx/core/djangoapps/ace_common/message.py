"""The parent of the platform's e-mail messages."""

from typing import Any

from edx_ace.message import MessageType

from openedx.core.djangoapps.site_configuration import helpers as configuration_helpers


class BaseMessageType(MessageType):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from_address = configuration_helpers.get_value("email_from_address")
        if from_address:
            self.options.update({"from_address": from_address})
