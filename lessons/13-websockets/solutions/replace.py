"""Changes some words in a file, as you can in your editor:  python replace.py FILE OLD NEW"""

import sys
from pathlib import Path

file, old, new = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
text = file.read_text()
if old not in text:
    sys.exit(f"{file} does not say {old!r}.")
file.write_text(text.replace(old, new))
