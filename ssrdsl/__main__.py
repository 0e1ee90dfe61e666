"""`python -m ssrdsl`: the same as `ssrdsl`."""

import sys

from ssrdsl.cli import main

if __name__ == "__main__":
    sys.exit(main())
