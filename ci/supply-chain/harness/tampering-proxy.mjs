/**
 * Stands in front of a registry and changes one byte of a blob on its way: what a reader gets is not what was pushed.
 *
 * node tampering-proxy.mjs REGISTRY DIGEST
 * Prints its port; ends with its standard input.
 */
import { createServer, request } from "node:http";

const [registry = "", digest = ""] = process.argv.slice(2);
const [host, port] = registry.split(":");

const server = createServer((incoming, outgoing) => {
  const { url, method, headers } = incoming;
  const onward = request({ host, port, path: url, method, headers }, (answer) => {
    const parts = [];
    answer.on("data", (part) => parts.push(part));
    answer.on("end", () => {
      const body = Buffer.concat(parts);
      if (url?.endsWith(`/blobs/${digest}`) && body.length > 0) body[body.length - 1] ^= 1;
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(body);
    });
  });
  onward.on("error", () => outgoing.writeHead(502).end());
  incoming.pipe(onward);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit(0));
