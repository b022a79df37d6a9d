"""Models of text for other programs: a folder that Hugging Face ``transformers`` opens, a GGUF file for llama.cpp."""
