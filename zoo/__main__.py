"""``python -m zoo``: the command line, where the program ``zoo`` is not on the path."""

from zoo.cli.main import main

main()
