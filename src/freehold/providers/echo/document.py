"""A long Markdown document that is the same every time, for measuring how an answer is rendered while it grows."""

import itertools
import re

# Each holds what an answer of a good model holds; {n} makes the copies differ.
_SECTIONS = (
    """## {n}. What the numbers say

The measurement **repeats** every hour, and the *median* is what counts: one slow request must not colour the day. See
[the method](https://example.com/method/{n}) and the `p95` column below, where `--no-cache` was given.

""",
    """| run | requests | p50 (ms) | p95 (ms) | note |
|----:|---------:|---------:|---------:|------|
| {n} | 1,204 | 18.2 | 41.0 | cold start |
| {n} | 9,871 | 12.7 | 30.4 | warm, **best** |
| {n} | 9,902 | 12.9 | 88.1 | garbage collection |

""",
    """```python
from dataclasses import dataclass


@dataclass(frozen=True)
class Window{n}:
    start: float
    length: float = 60.0

    def holds(self, moment: float) -> bool:
        \"\"\"Whether `moment` lies inside, the end excluded.\"\"\"
        return self.start <= moment < self.start + self.length
```

""",
    """The mean of a sample is $\\bar{{x}} = \\frac{{1}}{{n}} \\sum_{{i=1}}^{{n}} x_i$, and its error shrinks slowly:

$$
\\sigma_{{\\bar{{x}}}} = \\frac{{\\sigma}}{{\\sqrt{{n}}}}, \\qquad n = {n}
$$

""",
    """1. Collect the samples, and keep the raw ones.
2. Drop the first minute:
   - caches are cold,
   - the compiler is still at work.
3. Report the median and the spread.
   - [x] done for run {n}
   - [ ] still to do for run {n}

""",
    """> A benchmark that cannot fail has measured nothing.
>
> - from the notes of run {n}

""",
    """### 第 {n} 节：结论

模型在本地运行，数据不会离开这台机器。平均延迟约为 **{n} 毫秒**，足够日常使用；更难的问题可以交给更强的模型处理。

""",
    """```typescript
export const buckets{n} = (values: readonly number[], width: number): Map<number, number> => {{
  const counts = new Map<number, number>();
  for (const value of values) {{
    const key = Math.floor(value / width) * width;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }}
  return counts;
}};
```

""",
)

# About what tokenizers do: short runs of letters or marks with the space before them, one or two CJK characters.
_TOKEN = re.compile(r" ?[A-Za-z]{1,9}|[0-9]{1,3}|[\u4e00-\u9fff]{1,2}| ?[^\w\s]{1,3}|\n+| +|.", re.DOTALL)


def markdown(tokens: int) -> list[str]:
    """A document of exactly `tokens` pieces, each about what a model sends at once."""
    pieces: list[str] = []
    for number in itertools.count(1):
        for section in _SECTIONS:
            if len(pieces) >= tokens:
                return pieces[:tokens]
            pieces += _TOKEN.findall(section.format(n=number))
    raise AssertionError("an endless count has ended")
