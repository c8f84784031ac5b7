// Records what a canvas shows, and saves it as a file of this browser.

const KINDS = ["video/mp4;codecs=avc1.42E01F", "video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"];
const BITRATE = 10_000_000;

export class Recorder {
  constructor(canvas) {
    this.canvas = canvas;
    this.recorder = undefined;
  }

  get recording() {
    return this.recorder !== undefined;
  }

  // Whether *picture* has the size of what is recorded: a file holds one size.
  fits({ width, height }) {
    return width === this.canvas.width && height === this.canvas.height;
  }

  start() {
    const kind = KINDS.find((name) => MediaRecorder.isTypeSupported(name));
    const stream = this.canvas.captureStream(30);
    const recorder = this.recorder = new MediaRecorder(stream, { mimeType: kind, videoBitsPerSecond: BITRATE });
    const parts = [];
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = () => {
      stream.getTracks().forEach((track) => track.stop());
      save(new Blob(parts, { type: recorder.mimeType }), recorder.mimeType.startsWith("video/mp4") ? "mp4" : "webm");
    };
    recorder.start(1000);
    this.since = performance.now();
  }

  stop() {
    this.recorder.stop();
    this.recorder = undefined;
  }

  // How long it has recorded, like 1:05.
  time() {
    const seconds = Math.floor((performance.now() - this.since) / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}

// Let the browser save *blob*, named by the time.
export function save(blob, ending) {
  const now = new Date(Date.now() - new Date().getTimezoneOffset() * 60000);
  const link = document.createElement("a");
  link.download = `livestyle-${now.toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-")}.${ending}`;
  link.href = URL.createObjectURL(blob);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
