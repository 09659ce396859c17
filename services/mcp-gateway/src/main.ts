// mcp-gateway run | health [--ready] | config --json | --version
import { version } from "./assets.ts";
import { ConfigError, configTable, loadConfig, loadHttpPort } from "./config.ts";

/** Exit codes of sysexits.h: wrong command line, wrong configuration. */
const EX_USAGE = 64;
const EX_CONFIG = 78;
const USAGE = "usage: mcp-gateway run | health [--ready] | config --json | --version";

/** The parts of a command are loaded when it is asked for: `health` runs every few seconds. */
async function main(command: string): Promise<void> {
  switch (command) {
    case "run":
      return run();
    case "health":
    case "health --ready": {
      const { askHealth } = await import("./health.ts");
      console.log(await askHealth(loadHttpPort(), command.endsWith("--ready")));
      return;
    }
    case "config --json":
      console.log(JSON.stringify(configTable(), null, 2));
      return;
    case "--version":
      console.log(version);
      return;
    default:
      console.error(USAGE);
      process.exitCode = EX_USAGE;
  }
}

async function run(): Promise<void> {
  const config = loadConfig();
  const [{ captureConsole, createLogger }, { startGateway }, { closeOnSignal, endOnFault }] =
    await Promise.all([import("./log.ts"), import("./gateway.ts"), import("./shutdown.ts")]);
  const logger = createLogger(config.logLevel);
  captureConsole(logger);
  const gateway = startGateway(config, logger);
  endOnFault(gateway, logger);
  closeOnSignal(gateway, config.drainTimeoutMs, logger);
  await gateway;
}

main(process.argv.slice(2).join(" ")).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = error instanceof ConfigError ? EX_CONFIG : 1;
});
