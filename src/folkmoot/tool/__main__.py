"""``python -m folkmoot.tool``: the program from wherever Python finds the package."""

from folkmoot.tool.main import main

main()
