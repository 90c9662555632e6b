"""Production settings, in the order in which the LMS builds them.

common (with the plugins' COMMON hooks), then every key of the YAML file named by LMS_CFG, each
replacing the name of the same spelling whole (but for a few dicts that are merged), then
ENV_TOKENS, then the plugins' PRODUCTION hooks.
"""

import os

import yaml
from django.core.exceptions import ImproperlyConfigured
from edx_django_utils.plugins import add_plugins

from lms.envs.common import *
from openedx.core.djangoapps.plugins.constants import ProjectType, SettingsType

if "LMS_CFG" not in os.environ:
    raise ImproperlyConfigured("Set LMS_CFG to the path of the YAML file with this site's settings")

with open(os.environ["LMS_CFG"], encoding="utf-8") as _file:
    _yaml_tokens = yaml.safe_load(_file) or {}

_MERGED_KEYS = ("FEATURES", "JWT_AUTH")

for _key, _value in _yaml_tokens.items():
    if _key in _MERGED_KEYS:
        vars()[_key].update(_value)
    else:
        vars()[_key] = _value

ENV_TOKENS = _yaml_tokens
AUTH_TOKENS = _yaml_tokens

add_plugins(__name__, ProjectType.LMS, SettingsType.PRODUCTION)
