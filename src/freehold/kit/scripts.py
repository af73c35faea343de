"""Which script a text is written in."""

import unicodedata

_ONE = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "FULLWIDTH": "LATIN"}


def is_chinese(text: str) -> bool:
    """Whether Han characters make up a good part of the letters."""
    letters = [character for character in text if character.isalpha()]
    han = sum("\u4e00" <= character <= "\u9fff" or "\u3400" <= character <= "\u4dbf" for character in letters)
    return bool(letters) and han * 4 >= len(letters)


def scripts(text: str) -> set[str]:
    """The scripts of its letters, as the first word of their Unicode names; Japanese counts as one with Chinese."""
    names = {unicodedata.name(letter, "").partition(" ")[0] for letter in text if letter.isalpha()}
    return {_ONE.get(name, name) for name in names}
