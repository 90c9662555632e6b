"""Production settings with the demo's YAML file: what `manage.py`, the worker and WSGI use here."""

import os
from pathlib import Path

os.environ.setdefault("LMS_CFG", str(Path(__file__).resolve().parents[2] / "demo.lms.yml"))

from lms.envs.production import *
