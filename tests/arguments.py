"""The command line of the long proofs, which all take whole numbers."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter


def whole_numbers(document: str | None, **usual: int) -> list[int]:
    """Read whole numbers, in this order, each of which may be left out; `--help` says the document."""
    parser = ArgumentParser(description=document, formatter_class=RawDescriptionHelpFormatter)
    for name, value in usual.items():
        parser.add_argument(name, nargs="?", type=int, default=value, help="default: %(default)s")
    return [vars(parser.parse_args())[name] for name in usual]
