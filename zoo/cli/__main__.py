"""``python -m zoo.cli``: the command line, where ``zoo`` is not on the path."""

from zoo.cli.main import main

main()
