// Runs in the audio thread: the microphone in frames of 20 ms at about 16 kHz, each with how loud it is.

const WANTED_RATE = 16_000;
const FRAME_S = 0.02;

class Energy extends AudioWorkletProcessor {
  constructor() {
    super();
    this.step = Math.max(1, Math.floor(sampleRate / WANTED_RATE));
    this.frame = new Float32Array(Math.round((sampleRate / this.step) * FRAME_S));
    this.filled = 0;
    this.sum = 0;
    this.summed = 0;
  }

  process([[channel] = []]) {
    if (!channel) return true;
    for (const value of channel) {
      // the mean of neighbours is a filter that is good enough for speech
      this.sum += value;
      this.summed += 1;
      if (this.summed < this.step) continue;
      this.frame[this.filled] = this.sum / this.step;
      this.filled += 1;
      this.sum = 0;
      this.summed = 0;
      if (this.filled === this.frame.length) this.send();
    }
    return true;
  }

  send() {
    let squares = 0;
    for (const value of this.frame) squares += value * value;
    const samples = this.frame.slice();
    this.port.postMessage({ samples, level: Math.sqrt(squares / samples.length) }, [samples.buffer]);
    this.filled = 0;
  }
}

registerProcessor("energy", Energy);
