"""A filter step of another plugin, as the demo's YAML file configures one."""

from typing import Any

from openedx_filters import PipelineStep


class LookOn(PipelineStep):
    """Lets everything pass and changes nothing."""

    def run_filter(self, **kwargs: Any) -> dict[str, Any]:
        return {}
