import { describe, expect, it } from "vitest";
import { SmoothQueue, whole } from "./smooth";

describe("SmoothQueue", () => {
  it("never goes back, and ends at the whole text", () => {
    const queue = new SmoothQueue();
    const text = "x".repeat(500);
    let before = 0;
    for (let frame = 0; frame < 200; frame += 1) {
      const now = queue.advance(text, 50);
      expect(now).toBeGreaterThanOrEqual(before);
      before = now;
    }
    expect(before).toBe(500);
  });
  it("is faster the more is waiting", () => {
    const step = (backlog: number) => new SmoothQueue().advance("x".repeat(backlog), 50);
    expect(step(2000)).toBeGreaterThan(10 * step(100));
  });
  it("keeps up with 200 tokens a second within half a second", () => {
    const queue = new SmoothQueue();
    let text = "";
    let shown = 0;
    for (let time = 0; time < 10_000; time += 50) {
      text += "word".repeat(10); // 50 ms of 200 tokens a second
      shown = queue.advance(text, 50);
    }
    expect(text.length - shown).toBeLessThan(400);
  });
  it("starts where the screen is", () =>
    expect(new SmoothQueue(90).advance("x".repeat(100), 50)).toBeGreaterThan(90));
  it("moves on even when almost nothing waits", () => {
    const queue = new SmoothQueue();
    queue.advance("ab", 50);
    expect(queue.advance("ab", 50)).toBe(2);
  });
});

describe("whole", () => {
  it("does not cut a character", () => {
    expect(whole("a👍b", 2)).toBe(1);
    expect(whole("👩‍🚀!", 3)).toBe(0);
    expect(whole("e\u0301x", 1)).toBe(0);
    expect(whole("中文", 1)).toBe(1);
  });
});
