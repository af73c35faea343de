"""The built-in model: llama.cpp as a child process. Kept empty, because the child imports this."""
