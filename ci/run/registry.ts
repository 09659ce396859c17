/**
 * Serves the registry that `publish --local` fills on a port of this machine, until Ctrl-C.
 * Run: tsx ci/run/registry.ts [PORT]
 */
import { spawnSync } from "node:child_process";
import { LOCAL_REGISTRY } from "../../dagger/src/adapters/local-registry.ts";
import { CheckError } from "../shared/check-error.ts";
import { root } from "../shared/dagger-call.ts";
import { expectFree, registryPort } from "./registry-port.ts";

try {
  const port = registryPort(process.argv[2] ?? "", LOCAL_REGISTRY.port);
  await expectFree(port);
  const call = ["call", "registry", "up", "--ports", `${port}:${LOCAL_REGISTRY.port}`];
  const { status } = spawnSync("node_modules/.bin/tsx", ["ci/run/dagger.ts", ...call], {
    cwd: root,
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
} catch (error) {
  if (!(error instanceof CheckError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
