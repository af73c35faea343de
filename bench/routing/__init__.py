"""What routing is worth on recorded answers of public benchmarks, without calling a model."""
