"""`python -m bot` is `kunnafoni`."""

from bot.cli import main

main()
