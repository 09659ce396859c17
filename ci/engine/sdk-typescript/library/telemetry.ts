// What a module may import from "@dagger.io/dagger/telemetry".
export { getTracer } from "./core.js";
