"""The environment, read once. Every other part of the settings takes its values from here."""

import os
from pathlib import Path

from archive_site import embedded
from archive_site.env import read

BASE_DIR = Path(__file__).resolve().parent.parent.parent

environment = read(os.environ, dotenv=BASE_DIR / ".env")

VAR_DIR = BASE_DIR / environment.var_dir

# Where the servers of development keep their data, should anybody connect to them.
embedded.use_root(VAR_DIR / "embedded")
