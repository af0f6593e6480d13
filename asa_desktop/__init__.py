"""ASA Desktop: a singing coach that shows how each three-second clip of a take went, and why."""

import os

__version__ = "0.1.0"

# Here, as it has to come before numpy and torch do, in every process of ours. Threads that wait
# for each other spin: beside other work on the machine numpy's small products then take a hundred
# times as long as on one core, and torch's threads hold cores that the sound needs.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
