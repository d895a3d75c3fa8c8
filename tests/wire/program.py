"""The program as a process of its own, where every name below `localhost` is this machine."""

import sys

from wire.names import local_names

from ui.cli import main

if __name__ == "__main__":
    with local_names():
        sys.exit(main())
