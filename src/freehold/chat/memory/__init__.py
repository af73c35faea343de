"""What a person asked to have remembered: facts that go with their questions, visible and erasable."""
