"""Which script a text is written in."""


def is_chinese(text: str) -> bool:
    """Whether Han characters make up a good part of the letters."""
    letters = [character for character in text if character.isalpha()]
    han = sum("\u4e00" <= character <= "\u9fff" or "\u3400" <= character <= "\u4dbf" for character in letters)
    return bool(letters) and han * 4 >= len(letters)
