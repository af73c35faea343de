"""The learned scorer: how far a local model's answer will fall behind the premium one's, judged by the prompt alone.

A ridge regression on hashed character and word n-grams and a few counts, trained on a site's own labels. It is only to
be trusted where `evaluation.judge` says so on prompts that it was not trained on.
"""
