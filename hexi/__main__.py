"""`python -m hexi` is `hexi`."""

import sys

from hexi.site.cli import main

sys.exit(main())
