"""Writes folding.txt, the tables of SearchText, from Python's copy of the Unicode database: python3 folding.py > folding.txt"""
import sys
import unicodedata

CHARACTERS = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
IGNORED = {0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10),
           *range(0xE0100, 0xE01F0)}


def folded(character):
    """Unicode's NFKC_Casefold, taken apart."""
    text = character
    while (further := unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())) != text:
        text = further
    return text


def simple_lower(character):
    """What .NET makes of it: one character for one."""
    lower = character.lower()
    return lower if len(lower) == 1 else character


def main():
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    for character in CHARACTERS:
        code = ord(character)
        if code in IGNORED:
            print(character)
        elif not 0xAC00 <= code < 0xD7A4 and folded(character) != simple_lower(character):
            print(character + folded(character))

    print("%")
    for character in CHARACTERS:
        parts = unicodedata.decomposition(character).split()
        pair = "".join(chr(int(part, 16)) for part in parts) if len(parts) == 2 and not parts[0].startswith("<") else ""
        # What Unicode never composes again is left out.
        if pair and unicodedata.normalize("NFC", pair) == character:
            print(pair + character)

    print("%")
    start, last = None, 0
    for character in [*CHARACTERS, "\0"]:
        combining = unicodedata.combining(character)
        if combining != last:
            if last:
                print(f"{start:x} {previous:x} {last}")
            start, last = ord(character), combining
        previous = ord(character)


main()
