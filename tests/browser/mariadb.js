// A MariaDB of Debian's for the journeys, at a port of loopback: for Paddock it is a database outside.
//
// The server itself has a Unix socket only, so that no port has to be chosen for it.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { chown, mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { wait_ms } from "./support.js";

const run = promisify(execFile);

const ids = async () => {
  const id = async (option) => Number((await run("id", [option, "mysql"])).stdout);
  return { uid: await id("-u"), gid: await id("-g") };
};

/** Starts one; `ask` runs SQL as its root, `port` is where it is reached, `stop` ends it. */
export async function startMariadb() {
  const directory = await mkdtemp(path.join(tmpdir(), "paddock-mariadb-"));
  const { uid, gid } = await ids();
  await chown(directory, uid, gid);
  const data = `--datadir=${directory}/data`;
  const as_mysql = { uid, gid, cwd: directory };
  await run(
    "mariadb-install-db",
    ["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal", `--tmpdir=${directory}`, data],
    as_mysql,
  );
  const socket = `${directory}/socket`;
  const server = spawn(
    "/usr/sbin/mariadbd",
    ["--no-defaults", "--skip-networking", `--socket=${socket}`, `--pid-file=${directory}/pid`, `--tmpdir=${directory}`, data],
    { ...as_mysql, stdio: "ignore" },
  );
  const ended = new Promise((resolve) => server.once("exit", resolve));

  const ask = (sql) => run("mariadb", ["--no-defaults", "--user=root", `--socket=${socket}`, `--execute=${sql}`]);
  const until = Date.now() + wait_ms;
  for (;;) {
    try {
      await ask("SELECT 1");
      break;
    } catch (error) {
      assert.ok(Date.now() < until && server.exitCode === null, `MariaDB did not start: ${error.message}`);
    }
  }

  const open = new Set();
  const front = net.createServer((client) => {
    const inner = net.connect(socket);
    for (const [from, to] of [
      [client, inner],
      [inner, client],
    ]) {
      open.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise((resolve) => front.listen(0, "127.0.0.1", resolve));

  async function stop() {
    front.close();
    for (const each of open) each.destroy();
    server.kill("SIGTERM");
    await ended;
    await rm(directory, { recursive: true, force: true });
  }
  return { ask, port: front.address().port, stop };
}
