"""Writes a one-layer llama with random weights and a byte-level vocabulary: the real engine, nonsense text."""

from pathlib import Path

import gguf
import numpy as np

_VOCABULARY, _WIDTH, _HEADS, _INNER = 320, 64, 4, 128
CONTEXT = 32768


def write_tiny_model(path: Path, *, name: str = "tiny", context: int = CONTEXT) -> Path:
    """A GGUF file of about 300 kB that llama.cpp loads in a tenth of a second."""
    random = np.random.default_rng(0)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name(name)
    writer.add_context_length(context)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(_INNER)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_vocab_size(_VOCABULARY)
    writer.add_file_type(0)
    _add_vocabulary(writer)

    def weights(*shape: int) -> np.ndarray:
        return (random.standard_normal(shape) * 0.05).astype(np.float32)

    writer.add_tensor("token_embd.weight", weights(_VOCABULARY, _WIDTH))
    writer.add_tensor("output_norm.weight", np.ones(_WIDTH, np.float32))
    writer.add_tensor("output.weight", weights(_VOCABULARY, _WIDTH))
    shapes = {
        "attn_q": (_WIDTH, _WIDTH),
        "attn_k": (_WIDTH, _WIDTH),
        "attn_v": (_WIDTH, _WIDTH),
        "attn_output": (_WIDTH, _WIDTH),
        "ffn_gate": (_INNER, _WIDTH),
        "ffn_up": (_INNER, _WIDTH),
        "ffn_down": (_WIDTH, _INNER),
    }
    for tensor, shape in shapes.items():
        writer.add_tensor(f"blk.0.{tensor}.weight", weights(*shape))
    for tensor in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"blk.0.{tensor}.weight", np.ones(_WIDTH, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_vocabulary(writer: gguf.GGUFWriter) -> None:
    words = ["\u2581the", "\u2581a", "\u2581is", "\u2581chat", "\u2581model", "\u2581and", "\u2581of", "\u2581to"]
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    words += [f"\u2581w{number}" for number in range(_VOCABULARY - 3 - len(bytes_) - len(words))]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(["<unk>", "<s>", "</s>", *bytes_, *words])
    writer.add_token_scores([0.0] * 3 + [-1e3] * 256 + [-float(rank) for rank in range(len(words))])
    # Bytes beyond ASCII count as control tokens: random weights would write broken UTF-8 with them.
    writer.add_token_types([2, 3, 3] + [6] * 128 + [3] * 128 + [1] * len(words))
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template("{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:")
