"""The provider that speaks OpenAI's chat completions, for every vendor that does."""
