"""Train the sub-word vocabulary: byte-pair encoding over folded text of all served languages.

Case and diacritics are dropped inside the tokenizer, so that "koszonom" and "Köszönöm" are the same
tokens. Runs of Han characters, numbers and single signs are kept apart from words; a word's first
piece carries "▁".
"""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from models.normalise import TARGET_MARK

PAD, UNK, CLS, SEP, MASK = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"
SPECIALS = [PAD, UNK, CLS, SEP, MASK, TARGET_MARK]
_PIECES = r"▁?\p{Han}+|▁?\p{N}+|▁?[^\p{L}\p{N}\p{M}\s▁]"


def blank() -> Tokenizer:
    """Return a tokenizer that cleans and splits, but knows no vocabulary yet."""
    tokenizer = Tokenizer(models.BPE(unk_token=UNK, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.NFC()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(prepend_scheme="always"),
            pre_tokenizers.Split(Regex(_PIECES), "isolated"),
        ]
    )
    return tokenizer


def train(texts: Iterable[str], *, size: int, alphabet: int) -> Tokenizer:
    """Return a tokenizer of at most `size` pieces over the `alphabet` commonest characters."""
    tokenizer = blank()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        limit_alphabet=alphabet,
        special_tokens=SPECIALS,
        max_token_length=16,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    ids = {name: tokenizer.token_to_id(name) for name in (CLS, SEP)}
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{CLS} $A {SEP}", special_tokens=list(ids.items())
    )
    return tokenizer


def piece_to_wordpiece(piece: str) -> str:
    """Return how the English body's vocabulary writes this piece."""
    if piece.startswith("▁"):
        return piece[1:]
    return f"##{piece}" if piece.isalpha() and piece.isascii() else piece
