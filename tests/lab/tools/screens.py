"""Makes docs/outage-*.md and docs/outage.svg of the screens that a session of tests/lab/live/screen.sh left.

screens.py FOLDER COLUMNS LINES DOCS     needs the Python package rich (pip install rich) for the picture
"""

import pathlib
import re
import sys

from rich.console import Console
from rich.text import Text

folder, columns, lines, docs = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), pathlib.Path(sys.argv[4])

TOLD = {
    "1-well": "Two connections work.",
    "2-failing": "The gateway drops what goes to albert.apple.com, and a middlebox resets gs.apple.com after its ClientHello.",
    "3-opened": "Enter opens the row.",
    "4-filtered": "`/` leaves the rows that are like `host:gs.apple`.",
    "5-written": "`w` writes the packets of its flows.",
    "6-paused": "`p`: the screen stands still, the capture goes on.",
    "7-healed": "The firewall is mended; albert.apple.com works again, gs.apple.com still fails.",
    "8-left": "`q`: the terminal is as it was, and has the report.",
}

page = [f"# An outage on a screen of {columns}×{lines}", ""]
page.append("Made by `tests/lab/live/screen.sh` from a run in network namespaces, as tmux shows it.")
for name, told in TOLD.items():
    screen = (folder / f"{name}.txt").read_text().rstrip("\n")
    page += ["", f"**{told}**", "", "```text", screen, "```"]
(docs / f"outage-{columns}x{lines}.md").write_text("\n".join(page) + "\n")

if columns == 120:
    console = Console(record=True, width=columns, height=lines, file=open("/dev/null", "w"), force_terminal=True)
    console.print(Text.from_ansi((folder / "2-failing.ansi").read_text().rstrip("\n")), no_wrap=True)
    picture = console.export_svg(title="windfall watch -i lan", unique_id="windfall")
    # The picture loads nothing: whoever reads it has a font.
    picture = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.S)
    (docs / "outage.svg").write_text("\n".join(line.rstrip() for line in picture.splitlines()) + "\n")
