"""Writes the expected files anew: `python -m tests.wire.golden`. Read the difference before you commit it."""

from tests.wire import golden

if __name__ == "__main__":
    for path, content in golden.made().items():
        path.write_bytes(content)
        print(path.relative_to(golden.FOLDER))
