"""Make the vocabulary and the first value of every piece's vector."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.normalise import normalise
from models.training import body, readers, tokenizer, vectors
from models.training.readers import Row
from models.training.recipe import Recipe

LINE = 600
"""Characters of an unlabelled line that are used."""
REPEATS = {"hu": 3, "lv": 3, "de": 2}
"""Labelled texts of these languages count so often among the novels and manuals."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Cleaned texts by language: those of labelled rows and unlabelled lines."""

    labelled: dict[str, list[str]]
    plain: dict[str, list[str]]

    def everything(self) -> list[str]:
        """Return all texts, labelled ones first."""
        parts = (*self.labelled.values(), *self.plain.values())
        return [text for part in parts for text in part]


def corpus(folder: Path, rows: Sequence[Row], texts: Sequence[str], recipe: Recipe) -> Corpus:
    """Return the texts of the rows (cleaned: `texts`) and of the folder's unlabelled files."""
    labelled: dict[str, list[str]] = {lang: [] for lang in recipe.languages}
    for row, text in zip(rows, texts, strict=True):
        labelled[row.lang].append(text)
    plain = {
        lang: [
            normalise(line)[:LINE]
            for line in readers.plain(folder, [lang], dict(recipe.plain_lines))
        ]
        for lang in recipe.languages
    }
    return Corpus(labelled, plain)


def train_tokenizer(found: Corpus, recipe: Recipe) -> Any:
    """Return the vocabulary learnt from equal shares of every language."""
    texts = list(_balanced(found, recipe))
    size, alphabet = recipe.vocabulary["size"], recipe.vocabulary["alphabet"]
    return tokenizer.train(texts, size=size, alphabet=alphabet)


def first_table(trained: Any, found: Corpus, recipe: Recipe) -> NDArray[np.float32]:
    """Return the piece embeddings (pieces, hidden) that training starts from."""
    how, size = recipe.vectors, trained.get_vocab_size()
    encoded = [
        np.array(each.ids[1:-1][: how["longest"]], dtype=np.int64)
        for each in trained.encode_batch(found.everything())
    ]
    numbers = np.repeat(np.arange(len(encoded)), [len(ids) for ids in encoded])
    counts = vectors.cooccurrence(np.concatenate(encoded), numbers, size, how["window"])
    reduced = vectors.reduce(vectors.ppmi(counts, floor=0.9), how["dims"], recipe.seed)
    return _transplanted(reduced, names(trained))


def names(trained: Any) -> list[str]:
    """Return the pieces in the order of their numbers."""
    vocabulary = trained.get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)


def grams(piece: str, buckets: int) -> list[int]:
    """Return the hashed character 2- to 5-grams of a piece; a special piece is one gram."""
    if piece in tokenizer.SPECIALS:
        return [zlib.crc32(piece.encode()) % buckets]
    marked = f"{piece}$" if len(piece) > 1 else piece
    found = {
        marked[start : start + size]
        for size in (2, 3, 4, 5)
        for start in range(len(marked) - size + 1)
    } or {marked}
    return [zlib.crc32(gram.encode()) % buckets for gram in sorted(found)]


def _balanced(found: Corpus, recipe: Recipe) -> Iterator[str]:
    chance = random.Random(recipe.seed)
    for lang in recipe.languages:
        ours, others = found.labelled[lang][:], found.plain[lang][:]
        chance.shuffle(ours)
        chance.shuffle(others)
        share = recipe.vocabulary.get(f"characters_{lang}", recipe.vocabulary["characters"])
        yield from _up_to(ours * REPEATS.get(lang, 1) + others, share)


def _up_to(texts: Sequence[str], characters: int) -> Iterator[str]:
    used = 0
    for text in texts:
        yield text
        used += len(text)
        if used > characters:
            return


def _transplanted(reduced: NDArray[np.float32], pieces: Sequence[str]) -> NDArray[np.float32]:
    """Move the vectors into the English body's space; shared pieces keep that body's own."""
    found = body.load()
    shared = [n for n, piece in enumerate(pieces) if _theirs(piece) in found.vocabulary]
    known = np.array(shared)
    theirs = found.pieces[[found.vocabulary[_theirs(pieces[n])] for n in shared]]
    table = vectors.into_space(reduced, known, theirs, ridge=1.0)
    table[known] = theirs
    return table


def _theirs(piece: str) -> str:
    return tokenizer.piece_to_wordpiece(piece)
