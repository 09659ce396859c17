/**
 * Passes TCP connections on: the one service that a person opens, in front of a system that is found by name.
 *
 * node relay.mjs NOTICE HOST PORT...
 * The file NOTICE, if it is there, is printed once at the start.
 */
import { existsSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";

const [notice, host, ...ports] = process.argv.slice(2);
const servers = ports.map((port) => createServer((client) => join(client, connect(Number(port), host))));

function join(client, service) {
  // Either side may vanish at any time; the other one then ends too.
  for (const [socket, other] of [
    [client, service],
    [service, client],
  ])
    socket.on("error", () => other.destroy()).on("close", () => other.destroy());
  client.pipe(service).pipe(client);
}

servers.forEach((server, index) => {
  server.listen(Number(ports[index]), "0.0.0.0");
});
if (existsSync(notice)) console.log(readFileSync(notice, "utf8"));
process.on("SIGTERM", () => process.exit(0));
