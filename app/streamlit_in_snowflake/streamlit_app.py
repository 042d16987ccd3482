"""The dashboard, as Streamlit in Snowflake starts it."""

import os

from app.main import show
from app.reader import SESSION, TARGET_VARIABLE

os.environ[TARGET_VARIABLE] = SESSION
show()
