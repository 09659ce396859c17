/** Which addresses can be connected to from where: a node program inside of the network in question. */
import { runAsync } from "../../checklist/harness/command.ts";

const WAIT_MS = 2000;
const RUN_MS = 60_000;
const PROGRAM = `
const net = require("node:net");
const wanted = process.argv.slice(1);
const answers = (target) => new Promise((done) => {
  const at = target.lastIndexOf(":");
  const socket = net.connect({ host: target.slice(0, at), port: Number(target.slice(at + 1)) });
  const end = (value) => { socket.destroy(); done(value); };
  socket.setTimeout(${WAIT_MS}, () => end(false));
  socket.once("connect", () => end(true));
  socket.once("error", () => end(false));
});
Promise.all(wanted.map(answers)).then((found) =>
  console.log(JSON.stringify(wanted.filter((_, index) => found[index]))));
`;

/**
 * Tries to connect to each target.
 *
 * @param network Docker's name of a network, or `container:ID` to see what that container sees
 * @param image image with node
 * @param targets `host:port`
 * @returns those that answered
 */
export async function reachableFrom(
  network: string,
  image: string,
  name: string,
  targets: readonly string[],
): Promise<string[]> {
  const run = ["run", "--rm", "--name", name, "--network", network, "--read-only", "--cap-drop", "ALL"];
  const program = ["--entrypoint", "/usr/local/bin/node", image, "--eval", PROGRAM, ...targets];
  const { code, stdout, stderr } = await runAsync("docker", [...run, ...program], RUN_MS);
  if (code !== 0) throw new Error(`the probe in ${network} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as string[];
}
