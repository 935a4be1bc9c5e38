"""How a text sounds: its pieces, their pinyin with the common second readings, and the keys under which it is found."""

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from o2o.vocabulary.terms import HAN, LONGEST, fold

SOUND, INITIALS = "+", "-"
MOST_STARTS = 16  # pieces of a phrase at which a key begins
MOST_READINGS = 3  # of one phrase: the likeliest, and up to two with another reading of one character
_PIECE = re.compile(rf"[{HAN}]|[^\W_{HAN}]+(?:['\u2019][^\W_{HAN}]+)*")
_IDEOGRAM = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
# Readings that shop signs and menus really use, the likeliest there first.
POLYPHONES = {
    "长": "chang zhang", "長": "chang zhang", "行": "hang xing", "重": "chong zhong", "乐": "le yue",
    "朝": "chao zhao", "都": "du dou", "单": "dan shan", "藏": "cang zang", "厦": "sha xia",
    "大": "da dai", "盛": "sheng cheng", "参": "can shen", "色": "se shai", "粘": "zhan nian",
    "熟": "shu shou", "壳": "ke qiao", "薄": "bao bo", "卡": "ka qia", "曾": "zeng ceng",
    "仇": "qiu chou", "解": "jie xie", "调": "tiao diao", "车": "che ju", "还": "hai huan",
    "会": "hui kuai", "和": "he huo", "降": "jiang xiang", "露": "lu lou", "落": "luo lao",
    "石": "shi dan", "什": "shi shen", "省": "sheng xing", "血": "xue xie", "宿": "su xiu",
    "弹": "dan tan", "便": "bian pian", "蚌": "beng bang", "蛤": "ge ha", "堡": "bao bu pu",
    "佛": "fo fu", "阿": "a e", "六": "liu lu", "角": "jiao jue", "柏": "bai bo", "尉": "wei yu",
    "翟": "zhai di", "朴": "pu piao", "万": "wan mo", "奇": "qi ji", "提": "ti di", "系": "xi ji",
}  # fmt: skip
LIKELIEST = {char: readings.split()[0] for char, readings in POLYPHONES.items()}
SYLLABLES: frozenset[str] = frozenset(
    f"{start}{end}"
    for start, ends in {
        "": "a ai an ang ao e ei en er o ou",
        "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
        "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
        "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
        "f": "a an ang ei en eng o ou u",
        "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
        "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
        "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u ue uan uo",
        "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu ong ou u ue uan un uo",
        "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
        "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
        "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
        "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
        "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
        "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
        "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
        "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
        "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
        "r": "an ang ao e en eng i ong ou u uan ui un uo",
        "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
        "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
        "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
        "y": "a an ang ao e i in ing o ong ou u uan ue un",
        "w": "a ai an ang ei en eng o u",
    }.items()
    for end in ends.split()
)


class Piece(NamedTuple):
    """One character of Chinese or one Latin word: as written, folded, and its sound."""

    raw: str
    text: str
    sound: str

    @property
    def is_han(self) -> bool:
        """Tell whether it is a character with a reading."""
        return self.text != self.sound


def squash(text: str) -> str:
    """Write a text as its key: folded, without spaces or marks: Rou Jia-Mo → roujiamo."""
    return "".join(piece.replace("'", "").replace("\u2019", "") for piece in _PIECE.findall(fold(text)))


def plain(sound: str) -> str:
    """Write nü and lü, nv and lv alike: whatever somebody types, the key is nu and lu."""
    return sound.replace("nv", "nu").replace("lv", "lu")


@lru_cache(maxsize=4096)
def pieces_of(text: str) -> tuple[Piece, ...]:
    """Cut a text into pieces with their likeliest readings."""
    raws = _PIECE.findall(unicodedata.normalize("NFKC", text))
    texts = [squash(raw) for raw in raws]
    sounds = _readings(tuple(texts))
    return tuple(Piece(*parts) for parts in zip(raws, texts, sounds, strict=True) if parts[1])


def _readings(texts: Sequence[str]) -> list[str]:
    """Read every character by itself; the ones with several readings as signs and menus have them."""
    if not any(_IDEOGRAM.match(text) for text in texts):
        return list(texts)
    # Its dictionary of words would take 45 MB of every server; the table above does most of its work.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import lazy_pinyin

    found: list[str] = []
    run: list[str] = []
    for text in (*texts, ""):
        if _IDEOGRAM.match(text):
            run.append(text)
            continue
        if run:
            read = lazy_pinyin("".join(run), errors=_letters)  # type: ignore[arg-type]
            found += [
                LIKELIEST.get(char) or (plain(sound) if sound.isascii() else char)
                for char, sound in zip(run, read, strict=True)
            ]
            run = []
        found.append(text)
    return found[:-1]


def _letters(text: str) -> list[str]:
    """Keep what has no reading, character by character."""
    return list(text)


def keys_of(text: str) -> set[tuple[str, int]]:
    """Give the keys of a phrase with the number of the piece at which each begins."""
    pieces = pieces_of(text)[: 2 * MOST_STARTS]
    found: set[tuple[str, int]] = set()
    for start in range(min(len(pieces), MOST_STARTS)):
        found.add(("".join(piece.text for piece in pieces[start:])[:LONGEST], start))
    for sounds in _variants(pieces):
        for start in range(min(len(pieces), MOST_STARTS)):
            if not any(piece.is_han for piece in pieces[start:]):
                break
            found.add(((SOUND + plain("".join(sounds[start:])))[:LONGEST], start))
            if pieces[start].is_han and len(pieces) - start > 1:
                found.add(((INITIALS + "".join(sound[0] for sound in sounds[start:]))[:LONGEST], start))
    return found


def _variants(pieces: Sequence[Piece]) -> Iterator[list[str]]:
    """Give the likeliest reading, then those in which one character is read otherwise."""
    likeliest = [piece.sound for piece in pieces]
    yield likeliest
    more = 1
    for i, piece in enumerate(pieces):
        for other in POLYPHONES.get(piece.text, "").split():
            if other != piece.sound and more < MOST_READINGS:
                more += 1
                yield [*likeliest[:i], other, *likeliest[i + 1 :]]


def is_pinyin(typed: str) -> bool:
    """Tell whether letters may well be pinyin: two syllables or more (xian is xi'an), the last perhaps half typed."""
    counts: list[int] = [0, *([-1] * len(typed))]
    for end in range(1, len(typed) + 1):
        for start in range(max(0, end - 6), end):
            if counts[start] >= 0 and typed[start:end] in SYLLABLES:
                counts[end] = max(counts[end], counts[start] + 1)
    return any(
        counts[cut] >= 2 and (cut == len(typed) or typed[cut:] in _BEGINNINGS)
        for cut in range(len(typed), max(0, len(typed) - 6), -1)
    )


_BEGINNINGS = frozenset(syllable[:cut] for syllable in SYLLABLES for cut in range(1, len(syllable)))
