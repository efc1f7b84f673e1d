"""For every test: keys of their own, so that none needs an installation."""

import os

os.environ.setdefault("HEXI_PEOPLE_DATA_KEY", "dGVzdC1vbmx5LXRlc3Qtb25seS10ZXN0LW9ubHkhISE=")
