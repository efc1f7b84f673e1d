"""From text to index terms and from a question to a match. Pure arithmetic; stands to the right of the models.

Chinese is cut into pairs of neighbouring characters (采伐许可 → 采伐 伐许 许可), made here and not by a database:
SQLite's trigram index answers nothing for two characters, and PostgreSQL's parser takes a whole sentence for one word
(shared/reference/stack.md §1.3). Both then store the same terms, so both give the same answers.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

#: one Chinese character: the ideographs with their extensions, and 〇
HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_RUN = re.compile(rf"([{HAN}]+)|([^\W_{HAN}]+)")
_CHINESE = re.compile(f"[{HAN}]")
#: longest question (characters), its most terms, longest Latin or pinyin word
QUESTION, MOST_TERMS, WORD = 100, 24, 64


@dataclass(frozen=True)
class Term:
    """One thing an entry must have: the whole term, or (`prefix`) any term that begins so."""

    text: str
    prefix: bool = False


def normal(text: str) -> str:
    """The text as it is compared: full-width forms folded, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def chinese(text: str) -> bool:
    """True if a Chinese character is in it."""
    return bool(_CHINESE.search(text))


def index_terms(text: str) -> Iterator[str]:
    """Terms under which a text is found; the last character of a run stands alone so that it is found too."""
    for run, word in _RUN.findall(normal(text)):
        if run:
            yield from pairs(run)
            yield run[-1]
        else:
            yield word[:WORD]


def pairs(run: str) -> list[str]:
    """Each two neighbouring characters."""
    return [run[place : place + 2] for place in range(len(run) - 1)]


def name_terms(name: str) -> Iterator[str]:
    """As `index_terms`, and the pinyin and initials from each syllable on: 采伐 → caifa, fa, cf, f."""
    yield from index_terms(name)
    full, initials = syllables(name)
    for place in range(len(full)):
        yield "".join(full[place:])[:WORD]
        yield "".join(initials[place:])[:WORD]


@lru_cache(maxsize=4096)
def syllables(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The pinyin syllables of a name and their first letters; Latin words in it stay. Empty without Chinese."""
    from pypinyin import lazy_pinyin  # a tenth of a second and 30 MB: only where something is written or searched

    parts = _RUN.findall(normal(name))
    if not any(run for run, _ in parts):
        return (), ()
    full = tuple(syllable for run, word in parts for syllable in (lazy_pinyin(run) if run else [word]))
    return full, tuple(word[:1] for word in full)


def spellings(name: str) -> list[str]:
    """The whole pinyin and the initials of a name: linmucaifaxuke, lmcfxk."""
    return [spelling for spelling in ("".join(part) for part in syllables(name)) if spelling]


def joined(parts: Iterable[str]) -> str:
    """Distinct terms in their order, as stored: separated by spaces."""
    return " ".join(dict.fromkeys(parts))


def plain(text: str) -> str:
    """A name or question as they are compared: its words with one space between, without marks."""
    return " ".join(run or word for run, word in _RUN.findall(normal(text)))


def words(question: str) -> list[str]:
    """The words of a question: runs of Chinese characters, words of other letters, figures."""
    return plain(question[:QUESTION]).split()


def question_terms(question: str) -> list[Term]:
    """What an entry must have to answer the question; empty if the question holds no letter and no figure."""
    found = [term for word in words(question) for term in _terms_of(word)]
    return list(dict.fromkeys(found))[:MOST_TERMS]


def _terms_of(word: str) -> list[Term]:
    if not _CHINESE.match(word):
        return [Term(word[:WORD], prefix=True)]
    return [Term(pair) for pair in pairs(word)] or [Term(word, prefix=True)]


# --- who may see: kept as terms too, so that the index alone finds what is both asked for and visible -----------------
#: no word of a text begins so
MARK = "§"
PUBLIC = Term(f"{MARK}public")


def of_person(person_id: int) -> Term:
    """On what is private to a person."""
    return Term(f"{MARK}p{person_id}")


def of_verb(verb: str, region: str) -> Term:
    """On what a right opens in a region (its code); as a wanted term, in every region whose code begins so."""
    return Term(f"{anywhere(verb).text}{region}", prefix=True)


def anywhere(verb: str) -> Term:
    """On what whoever holds a right anywhere may see."""
    return Term(f"{MARK}{re.sub('[^a-z0-9]', '·', verb)}{MARK}")
