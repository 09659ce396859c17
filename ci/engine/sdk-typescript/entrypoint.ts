// Answers one call of the engine: gives every source file of the module to the SDK's entrypoint.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { entrypoint } from "@dagger.io/dagger";

const home = dirname(fileURLToPath(import.meta.url));

const sources = readdirSync(join(home, "src"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.m?ts$/.test(entry.name) && !entry.name.endsWith(".d.ts"))
  .map((entry) => join(entry.parentPath, entry.name));

// The introspector looks up the API's classes in a file of this name.
await entrypoint([...sources, join(home, "sdk/client.gen.ts")]);
