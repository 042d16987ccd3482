"""What every test shares."""

import os

# XGBoost's threads wait in busy loops: with two test processes on two cores they would slow
# one another many times over. Boosters do not depend on the number of threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")
