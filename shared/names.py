"""Names that people and devices type or import: what looks the same is the same, and nothing in them is invisible.

Plates, service points, routes, contractors, stations, seals, tags. Normalised by Unicode's NFKC, so that full-width letters and
digits are the usual ones; refused with characters that nobody sees (U+200B), that turn the writing round (U+202E, U+2066), or
that have no meaning.
"""

import unicodedata

BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters, marks and signs by category, nothing to the eye: Default_Ignorable_Code_Point, and the braille blank."""
VARIATION_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
NO_NAME = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
MOST_CHARACTERS = 200


def clean_name(text: str) -> str:
    """The name in its one form. ValueError says which character it may not hold, or that nothing is left of it."""
    if text.isascii() and text.isalnum():
        return text  # as most ids, tags and codes are
    for character in text:
        if is_invisible(character):
            raise ValueError(f"invisible or control characters are not allowed (U+{ord(character):04X}); type the name anew")
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if not name:
        raise ValueError("a name needs a character that can be seen")
    if len(name) > MOST_CHARACTERS:
        raise ValueError(f"the name has more than {MOST_CHARACTERS} characters once it is normalised")
    return name


def is_invisible(character: str) -> bool:
    """Whether nobody can see it, so that two names with and without it look the same. A space is no such character."""
    if unicodedata.category(character) in NO_NAME or character in BLANK:
        return True
    return any(ord(character) in selectors for selectors in VARIATION_SELECTORS)
