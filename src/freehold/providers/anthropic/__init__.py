"""The provider that speaks Anthropic's Messages."""
