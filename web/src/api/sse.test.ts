import { expect, it } from "vitest";
import { SseParser } from "./sse";

const stream = 'id: 1\ndata: {"a":1}\n\n: ping\n\ndata: first\ndata: second\n\nid: 3\r\ndata: x\r\n\r\n';

it("gives the same events however the bytes are cut", () => {
  const whole = new SseParser().feed(stream);
  expect(whole).toEqual([
    { id: 1, data: '{"a":1}' },
    { id: null, data: "first\nsecond" },
    { id: 3, data: "x" },
  ]);
  for (let cut = 0; cut <= stream.length; cut += 1) {
    const parser = new SseParser();
    expect([...parser.feed(stream.slice(0, cut)), ...parser.feed(stream.slice(cut))]).toEqual(whole);
  }
});
