// @ts-check
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Factors} Factors */

const AGAIN = 1000; // ms until the next try to reach a server that does not answer

/**
 * The line to the server. Requests are numbered; what answers to a number below `valid` is no longer wanted.
 */
export class Live {
  /**
   * @param {(message: Message) => void} hear
   * @param {(connected: boolean) => void} change
   */
  constructor(hear, change) {
    this.hear = hear;
    this.change = change;
    this.n = 0; // the newest request
    this.done = 0; // the newest that has its last answer
    this.valid = 0;
    /** @type {Factors | null} what is asked for, kept to ask again after the line was cut */
    this.wanted = null;
    /** @type {{n: number, kind: string}[]} every answer, for whoever wants to check their order */
    this.log = [];
    this.connect();
  }

  connect() {
    const address = new URL("live", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.change(true);
      if (this.wanted && this.waiting) this.ask(this.wanted);
    });
    socket.addEventListener("message", (event) => this.receive(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      this.change(false);
      setTimeout(() => this.connect(), AGAIN);
    });
  }

  /** Whether a request still lacks its last answer. */
  get waiting() {
    return this.done < this.n;
  }

  /** Ask for a picture of these factors. @param {Factors} factors */
  ask(factors) {
    this.n += 1;
    this.wanted = factors;
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ n: this.n, factors }));
    return this.n;
  }

  /** Whatever has been asked for is no longer wanted. */
  forget() {
    this.valid = this.n + 1;
    this.wanted = null;
  }

  /** @param {Message} message */
  receive(message) {
    if ("n" in message && message.n) {
      this.log.push({ n: message.n, kind: message.kind });
      if (this.log.length > 5000) this.log.splice(0, 1000);
      if (message.kind !== "preview") this.done = Math.max(this.done, message.n);
      if (message.n < this.valid) return;
    }
    this.hear(message);
  }
}
