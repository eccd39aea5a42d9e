import { beforeEach, describe, expect, it } from "vitest";

import { delay_ms_max } from "./backoff.js";
import { window_bytes } from "./output_stream.js";
import { attach_timeout_ms, ping_interval_ms, pong_timeout_ms, TerminalConnection, type ConnectionState } from "./terminal_connection.js";
import { FakeEmulator, FakeTerminal, FakeTimers, message } from "./testing/fake_terminal.js";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A small generator with a seed, so that a failure can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe("TerminalConnection", () => {
  let terminal: FakeTerminal;
  let emulator: FakeEmulator;
  let timers: FakeTimers;
  let states: ConnectionState[];
  let lost: number[];
  let connection: TerminalConnection;

  beforeEach(() => {
    terminal = new FakeTerminal();
    emulator = new FakeEmulator();
    timers = new FakeTimers();
    states = [];
    lost = [];
    connection = new TerminalConnection({
      dial: terminal.dial,
      timers,
      random: () => 0.5,
      emulator,
      client: new Uint8Array(16).fill(7),
      renew_client: () => new Uint8Array(16).fill(8),
      own: true,
      columns: 80,
      rows: 24,
      listener: {
        state_changed: (state) => states.push(state),
        size_changed: () => undefined,
        notice: () => undefined,
        input_lost: (count) => lost.push(count),
      },
    });
  });

  const live = (): void => {
    connection.connect();
    terminal.open();
    terminal.step();
    emulator.parse();
    terminal.step();
  };
  const reconnect = (): void => {
    timers.advance(delay_ms_max);
    terminal.open();
    terminal.step();
  };

  it("shows what was printed before it came and what is printed after", () => {
    terminal.output.push(1, 2, 3);
    live();
    terminal.output.push(4);
    terminal.step();
    emulator.parse();
    expect(emulator.shown).toEqual([1, 2, 3, 4]);
    expect(connection.state.kind).toBe("live");
  });

  it("neither loses nor doubles a byte when it is cut at random points", () => {
    for (let seed = 1; seed <= 40; ++seed) {
      const random = randomFrom(seed);
      terminal = new FakeTerminal();
      emulator = new FakeEmulator();
      const under_test = new TerminalConnection({
        dial: terminal.dial,
        timers,
        random,
        emulator,
        client: new Uint8Array(16),
        renew_client: () => expect.fail('nobody took its place'),
        own: true,
        columns: 80,
        rows: 24,
        listener: {
          state_changed: () => undefined,
          size_changed: () => undefined,
          notice: () => undefined,
          input_lost: (count) => expect.fail(`${String(count)} bytes of input lost`),
        },
      });
      under_test.connect();
      terminal.open();
      const typed: number[] = [];
      const actions = [
        () => terminal.output.push(...Array.from({ length: Math.floor(random() * 3000) }, () => Math.floor(random() * 256))),
        () => {
          const bytes = Uint8Array.from({ length: 1 + Math.floor(random() * 40) }, () => Math.floor(random() * 256));
          if (under_test.send(bytes)) typed.push(...bytes);
        },
        () => terminal.step(1 + Math.floor(random() * 4)),
        () => emulator.parse(1 + Math.floor(random() * 3)),
        () => random() < 0.4 && terminal.cut(),
        () => timers.advance(Math.floor(random() * 400)),
        () => terminal.socket?.open === true && under_test.state.kind === "connecting" && terminal.open(),
      ];
      for (let round = 0; round < 300; ++round) actions[Math.floor(random() * actions.length)]?.();
      for (let round = 0; round < 10; ++round) {
        timers.advance(delay_ms_max);
        if (under_test.state.kind === "connecting") terminal.open();
        terminal.step();
        emulator.parse();
      }
      expect(terminal.errors, `seed ${String(seed)}`).toEqual([]);
      expect(Buffer.compare(Buffer.from(emulator.shown), Buffer.from(terminal.output)), `seed ${String(seed)}`).toBe(0);
      expect(terminal.typed, `seed ${String(seed)}`).toEqual(typed);
      expect(emulator.resets).toBe(0);
      under_test.dispose();
    }
  });

  it("asks for no more output than a window beyond what was parsed", () => {
    live();
    terminal.output = Array.from({ length: 3 * window_bytes }, () => 65);
    terminal.step();
    terminal.step();
    expect(emulator.backlog_bytes).toBe(window_bytes);
    emulator.parse();
    terminal.step();
    const granted = emulator.shown.length + emulator.backlog_bytes;
    expect(granted).toBeLessThanOrEqual(2 * window_bytes);
    expect(granted).toBeGreaterThan(1.8 * window_bytes);
  });

  it("begins again at the offset of a RESET when the ring has moved on", () => {
    terminal.output.push(1, 2, 3);
    live();
    terminal.cut();
    terminal.output.push(4, 5, 6, 7);
    terminal.ring_start = 5;
    reconnect();
    emulator.parse();
    expect(emulator.resets).toBe(1);
    expect(emulator.shown).toEqual([6, 7]);
  });

  it("draws everything again when output is missing without a RESET", () => {
    terminal.output.push(1, 2, 3);
    live();
    terminal.push([...message(0x82, [64, 9]), 9]);
    terminal.step();
    expect(connection.state.kind).toBe("waiting");
    reconnect();
    emulator.parse();
    expect(emulator.shown).toEqual([1, 2, 3]);
    expect(emulator.resets).toBe(1);
  });

  it("lets the emulator answer only from where the replay ends, and only as owner", () => {
    terminal.output.push(1, 2, 3);
    connection.connect();
    terminal.open();
    terminal.output.push(4);
    const answers: [number | undefined, boolean][] = [];
    emulator.before_parse = (bytes) => answers.push([bytes[0], connection.may_answer]);
    terminal.step();
    terminal.output.push(5);
    terminal.step();
    emulator.parse();
    expect(answers).toEqual([
      [1, false],
      [5, true],
    ]);
    terminal.push(message(0x84, [8, 0], [16, 80], [16, 24]));
    terminal.step();
    expect(connection.may_answer).toBe(false);
  });

  it("keeps what is typed while it is cut off and sends it once", () => {
    live();
    connection.send(text("a"));
    terminal.step();
    terminal.cut();
    expect(connection.send(text("b"))).toBe(true);
    reconnect();
    terminal.step();
    expect(String.fromCharCode(...terminal.typed)).toBe("ab");
  });

  it("gives up what a terminal that forgot it may already have, and says so", () => {
    live();
    connection.send(text("ab"));
    terminal.step();
    connection.send(text("cd"));
    terminal.cut();
    terminal.taken = 0;
    reconnect();
    expect(lost).toEqual([2]);
    connection.send(text("e"));
    terminal.step();
    expect(terminal.errors).toEqual([]);
    expect(String.fromCharCode(...terminal.typed)).toBe("abe");
  });

  it("takes up the numbering of an earlier page of the same tab", () => {
    terminal.taken = 41;
    live();
    connection.send(text("x"));
    terminal.step();
    expect(terminal.errors).toEqual([]);
    expect(terminal.taken).toBe(42);
  });

  it("sends all that was typed before an earlier page's numbering was known", () => {
    terminal.taken = 41;
    connection.connect();
    expect(connection.send(text("typed while the page was loading: more than 41 bytes of it"))).toBe(true);
    terminal.open();
    terminal.step();
    terminal.step();
    expect(terminal.errors).toEqual([]);
    expect(new TextDecoder().decode(Uint8Array.from(terminal.typed))).toBe(
      "typed while the page was loading: more than 41 bytes of it",
    );
    expect(lost).toEqual([]);
  });

  it("refuses a paste beyond its limit and takes nothing of it", () => {
    live();
    expect(connection.send(new Uint8Array(2 << 20))).toBe(false);
    terminal.step();
    expect(terminal.typed).toEqual([]);
  });

  it("reports the exit behind the last byte and does not come back", () => {
    live();
    terminal.output.push(9);
    terminal.step();
    terminal.push(message(0x85, [64, 1], [8, 0], [32, 3]));
    terminal.step();
    emulator.parse();
    expect(emulator.shown).toEqual([9]);
    expect(connection.state).toEqual({ kind: "exited", exit: { type: "exit", offset: 1, kind: "code", value: 3 } });
    timers.advance(60_000);
    expect(terminal.sockets).toHaveLength(1);
  });

  it.each([
    [1, { kind: "gone", what: "terminal" }],
    [4, { kind: "gone", what: "sandbox" }],
    [5, { kind: "refused", reason: "viewers" }],
  ])("ends for good after error %i", (code, state) => {
    live();
    terminal.cut({ kind: "closed", code: 4000 + code });
    expect(connection.state).toEqual(state);
    timers.advance(60_000);
    expect(terminal.sockets).toHaveLength(1);
  });

  it.each([2, 3, 6, 7])("comes back after error %i", (code) => {
    live();
    terminal.push([...message(0x89, [16, code]), 0x78]);
    terminal.step();
    expect(connection.state.kind).toBe("waiting");
    reconnect();
    expect(connection.state.kind).toBe("live");
  });

  it("comes back as another client, and no owner, when a newer page has taken its place", () => {
    live();
    connection.send(text("a"));
    terminal.cut({ kind: "closed", code: 4008 });
    expect(lost).toEqual([1]);
    expect(connection.owner).toBe(false);
    terminal.taken = 0;
    reconnect();
    const attach = terminal.received.findLast((bytes) => bytes[0] === 1);
    expect(Array.from(attach?.subarray(22) ?? [])).toEqual(Array.from({ length: 16 }, () => 8));
    expect((attach?.[1] ?? 0) & 2).toBe(0);
    expect(connection.state.kind).toBe("live");
  });

  it("waits at least as long as the server asks", () => {
    connection.connect();
    terminal.cut({ kind: "limited", retry_after_ms: 30_000 });
    timers.advance(29_999);
    expect(terminal.sockets).toHaveLength(1);
    timers.advance(1);
    expect(terminal.sockets).toHaveLength(2);
  });

  it("waits longer each time, within its ceiling", () => {
    connection.connect();
    for (let round = 0; round < 12; ++round) {
      terminal.cut();
      timers.advance(delay_ms_max);
    }
    const delays = states.flatMap((state) => (state.kind === "waiting" ? [state.delay_ms] : []));
    expect(delays.slice(0, 3)).toEqual([188, 375, 750]);
    expect(Math.max(...delays)).toBeLessThanOrEqual(delay_ms_max);
    expect(delays.length).toBeGreaterThanOrEqual(12);
  });

  it("comes back at once when it is woken", () => {
    live();
    terminal.cut();
    connection.wake();
    terminal.open();
    terminal.step();
    expect(connection.state.kind).toBe("live");
  });

  it("gives up a socket that does not attach, and one that falls silent", () => {
    connection.connect();
    timers.advance(attach_timeout_ms);
    expect(connection.state.kind).toBe("waiting");
    reconnect();
    expect(connection.state.kind).toBe("live");
    timers.advance(ping_interval_ms + pong_timeout_ms);
    expect(connection.state.kind).toBe("waiting");
    expect(terminal.sockets.every((socket) => !socket.open)).toBe(true);
  });

  it("stays while the server answers its pings", () => {
    live();
    for (let round = 0; round < 20; ++round) {
      timers.advance(ping_interval_ms);
      terminal.step();
    }
    expect(connection.state.kind).toBe("live");
    expect(terminal.sockets).toHaveLength(1);
  });

  it("treats an unreadable message and a second ATTACHED as a broken connection", () => {
    for (const bytes of [[0x55], [0x82, 1], message(0x81, [8, 1], [16, 80], [16, 24], [64, 0], [64, 0], [64, 0])]) {
      live();
      terminal.push(bytes);
      terminal.step();
      expect(connection.state.kind).toBe("waiting");
    }
  });

  it("leaves no socket and no timer when it is disposed", () => {
    live();
    connection.dispose();
    timers.advance(600_000);
    expect(terminal.sockets).toHaveLength(1);
    expect(terminal.socket?.open).toBe(false);
  });
});
